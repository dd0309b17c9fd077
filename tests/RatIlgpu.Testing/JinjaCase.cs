using System.Text.Json.Nodes;
using RatIlgpu.Text;

namespace RatIlgpu.Testing;

/// <summary>Renders templates with variables given as JSON, at a fixed time.</summary>
static class JinjaCase
{
    /// <summary>Gets a clock that stands still on 6 July 2024 at 05:04:03.</summary>
    public static TimeProvider Clock { get; } = new FixedClock();

    /// <summary>Renders a template.</summary>
    public static string Render(string template, JsonObject? variables = null) =>
        JinjaTemplate.Parse(template).Render(0, Clock, run =>
            (variables ?? []).Select(one => (one.Key, Value(run, one.Value))).ToList());

    static object? Value(TemplateRun run, JsonNode? node) => node switch
    {
        null => null,
        JsonArray list => new Sequence(run, SequenceKind.List, [.. list.Select(item => Value(run, item))]),
        JsonObject mapping => Mapping.Of(run, [.. mapping.Select(one => (one.Key, Value(run, one.Value)))]),
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        _ => node.GetValue<double>(),
    };

    sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2024, 7, 6, 5, 4, 3, TimeSpan.Zero);
    }
}
