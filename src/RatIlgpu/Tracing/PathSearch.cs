using RatIlgpu.Models;

namespace RatIlgpu.Tracing;

/// <summary>The result of a search over the attention of one layer, and the logits at its target, if these were asked
/// for.</summary>
sealed record PathSearch(
    ImmutableArray<BeamPath> Paths,
    ImmutableSortedDictionary<int, double> SelfAttention,
    ImmutableArray<double> TargetAttention,
    ImmutableArray<float> Logits)
{
    /// <summary>Runs a model once, up to the last traced layer, and searches the attention of each. The options are
    /// resolved by <see cref="TraceOptions.Resolve"/> and differ only in the layer, which ascends. Only the tokens up
    /// to the target are run.</summary>
    public static ImmutableArray<PathSearch> Run(
        Qwen2Model model,
        ReadOnlySpan<int> ids,
        ImmutableArray<TraceOptions> options,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        var first = options[0];
        var seen = ids[..(first.TargetPosition.Value + 1)];
        var ends = EndsOf(seen, first);
        ImmutableArray<int> layers = [.. options.Select(one => one.Layer.Value)];
        foreach (var intervention in first.Interventions)
            intervention.CheckFor(model, ids.Length, first.AttentionMask);
        ImmutableArray<float> logits = [];
        var forward = new ForwardOptions
        {
            Probe = first.Interventions.IsEmpty
                ? null
                : new InterventionProbe(model, first.Interventions.AsSpan()) { LengthIsChecked = true },
            ProbeTakesBlocks = first.Interventions.IsEmpty,
            StopAfter = first.Predictions == 0 ? new Site(Activation.RotatedKey, layers[^1]) : Site.Logits,
            LogitCount = 1,
            AttentionMask = first.AttentionMask?[..seen.Length],
            Progress = progress,
            Cancellation = cancellation,
        };
        var attentions = LayerAttention.OfLayers(
            model, seen, layers, first.Heads, forward, found => logits = [.. model.Device.Download(found)]);
        ImmutableArray<PathSearch> searches = [.. attentions.Zip(options, Search)];
        return [.. searches.Select(search => search with { Logits = logits })];

        PathSearch Search(LayerAttention attention, TraceOptions one)
        {
            using (attention)
                return Over(attention, ends, one, cancellation);
        }
    }

    static PathSearch Over(
        LayerAttention attention, ImmutableHashSet<int> ends, TraceOptions options, CancellationToken cancellation)
    {
        var target = options.TargetPosition.Value;
        var rows = new NotedRows(attention, target);
        var paths = BeamSearch.Search(rows, target, options, ends.Contains, cancellation);
        var self = paths.SelectMany(path => path.Positions).Distinct()
            .ToImmutableSortedDictionary(position => position, rows.SelfAttention);
        return new PathSearch(paths, self, rows.OfTarget, []);
    }

    static ImmutableHashSet<int> EndsOf(ReadOnlySpan<int> ids, TraceOptions options)
    {
        if (!options.StopAtBos || options.BosTokenId is not { } bos)
            return [];
        var ends = ImmutableHashSet.CreateBuilder<int>();
        for (var position = 0; position < ids.Length; position++)
            if (ids[position] == bos)
                ends.Add(position);
        return ends.ToImmutable();
    }

    // Stores each row's self-attention and the target's row, so the result needs no second computation.
    sealed class NotedRows(LayerAttention attention, int target) : IAttentionRows
    {
        readonly Dictionary<int, double> self = [];

        public int Length => attention.Length;

        public ImmutableArray<double> OfTarget { get; private set; } = [];

        public ReadOnlySpan<float> Row(int position)
        {
            var row = attention.Row(position);
            self[position] = row[position];
            if (position == target)
                OfTarget = [.. row.ToArray().Select(share => (double)share)];
            return row;
        }

        // The search does not ask for the row at which a path ends.
        public double SelfAttention(int position)
        {
            if (!self.ContainsKey(position))
                Row(position);
            return self[position];
        }
    }
}
