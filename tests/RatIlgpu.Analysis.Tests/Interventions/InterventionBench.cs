using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>A small model, with short methods for interventions.</summary>
sealed class InterventionBench : IDisposable
{
    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny;

    public InterventionBench(Qwen2Config? config = null)
    {
        tiny = new(config);
        Model = tiny.On(device);
    }

    /// <summary>Gets a site of every activation; at layer 1 for those of a layer.</summary>
    public static IEnumerable<Site> Sites { get; } = Enum.GetValues<Activation>()
        .Select(activation => new Site(activation, new Site(activation, 0).IsInLayer ? 1 : 0));

    /// <summary>Gets one capture of every activation.</summary>
    public static ImmutableArray<Capture> Everything { get; } =
        [.. Enum.GetValues<Activation>().Select(one => new Capture(one))];

    public Qwen2Model Model { get; }

    public int[] Prompt(int length, int seed = 7) => tiny.Prompt(length, seed);

    public Recording Record(int[] ids, params Intervention[] interventions) =>
        new Recorder(Model).Record(ids, Everything, new() { Interventions = [.. interventions] });

    public float[] Logits(int[] ids, params Intervention[] interventions) =>
        [.. new Recorder(Model).Record(
            ids, [new(Activation.Logits)], new() { Interventions = [.. interventions] })[Site.Logits].Values];

    public InterventionTarget At(
        Activation activation,
        Index layer = default,
        ImmutableArray<int>? heads = null,
        ImmutableArray<int>? positions = null,
        KeyValueScope scope = KeyValueScope.KeyValueGroup) =>
        InterventionTarget.At(Model, activation, layer, heads, positions, scope);

    public void Dispose()
    {
        Model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }
}
