using System.Text.Json;

namespace RatIlgpu.Cli.Tracing;

/// <summary>Traces the prompts of a session through all layers.</summary>
/// <param name="session">The session.</param>
/// <param name="settings">The prompts, their continuations and the heads that are left out.</param>
/// <param name="options">The options of the flow.</param>
sealed class FlowBatch(Session session, TraceSettings settings, FlowOptions options)
{
    /// <summary>Traces, prints and writes.</summary>
    public void Run()
    {
        var results = Trace();
        FlowReport.Print(results, settings, session);
        session.Json.Write(stream => WriteJson([.. results.SelectMany(flows => flows)], stream));
    }

    ImmutableArray<ImmutableArray<FlowResult>> Trace()
    {
        using var progress = new ProgressLine(session.Terminal);
        var tracer = new FlowTracer(session.Model) { Progress = progress };
        var asked = options with { Interventions = session.ValueAblations(settings.Ablated) };
        return [.. new TraceBatch(session, settings).Prompts.Select(Flows)];

        ImmutableArray<FlowResult> Flows(TracePrompt prompt, int number)
        {
            var own = asked with { AttentionMask = prompt.AttentionMask };
            var found = session.Of(session.Prompts[number], () => tracer.TraceEach(
                prompt.Ids.AsSpan(), prompt.Positions!.Value, own, session.Cancellation));
            return
            [
                .. found.Select(flow => flow with
                {
                    Prompt = number, PromptLength = prompt.PromptLength!.Value, Origin = session.Origin,
                }),
            ];
        }
    }

    static void WriteJson(ImmutableArray<FlowResult> results, Stream destination)
    {
        if (results is [var single])
        {
            FlowJson.Write(single, destination);
            return;
        }

        using var json = new Utf8JsonWriter(destination, new() { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("kind", "flow");
        json.WriteNumber("version", 1);
        json.WriteStartArray("flows");
        foreach (var result in results)
        {
            json.WriteRawValue(FlowJson.Write(result));
            json.Flush();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
