using System.Collections.Immutable;
using System.Runtime.InteropServices;
using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>Copies what was asked for of the activations it is shown.</summary>
sealed class KeepingProbe(Qwen2Config config, IReadOnlyDictionary<Site, Capture> captures, int length) : IProbe
{
    readonly List<RecordedActivation> kept = [];

    /// <summary>Gets what was kept, in the order of the run.</summary>
    public IReadOnlyList<RecordedActivation> Kept => kept;

    public bool Wants(Site site) => captures.ContainsKey(site);

    public void Show(Site site, Tensor activation, Device device)
    {
        var capture = captures[site];
        var layout = RowLayout.Of(site.Activation, activation.Shape, length);
        var positions = Axes.Resolve(capture.Positions, length, "position");
        var hasHeads = Axes.HeadsOf(site.Activation, config) > 0;
        ImmutableArray<int> heads =
            capture.Heads is { } some ? [.. some.Order()] : [.. Enumerable.Range(0, layout.Heads)];

        // Whole rows of the first axis are all that a view can cut out: of a pattern those of the heads asked for, of
        // anything else the positions from the first to the last.
        var (start, end) = layout.HeadsFirst
            ? (heads[0], heads[^1] + 1)
            : (positions[0] - layout.First, positions[^1] - layout.First + 1);
        var numbers = device.Download(activation.Rows(start, end - start));
        var cut = layout.HeadsFirst
            ? layout with { Heads = end - start }
            : layout with { First = positions[0], Count = end - start };
        var values = Select(numbers, cut, positions, [.. heads.Select(h => layout.HeadsFirst ? h - start : h)]);
        kept.Add(new(site, positions, hasHeads ? heads : [], layout.Width, values));
    }

    static ImmutableArray<float> Select(
        float[] numbers, RowLayout cut, ImmutableArray<int> positions, ImmutableArray<int> heads)
    {
        var to = new RowLayout(0, positions.Length, heads.Length, cut.Width, cut.HeadsFirst);
        if (to == cut with { First = 0 })
            return ImmutableCollectionsMarshal.AsImmutableArray(numbers);
        var values = new float[positions.Length * heads.Length * cut.Width];
        for (var p = 0; p < positions.Length; p++)
            for (var h = 0; h < heads.Length; h++)
                numbers.AsSpan(cut.Row(positions[p], heads[h])).CopyTo(values.AsSpan(to.Row(p, h)));
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}
