namespace RatIlgpu.Analysis;

/// <summary>Reads what attention writes at the last position of a prompt in each layer, and where the heads of a layer
/// look from there, under each condition.</summary>
/// <param name="model">The model.</param>
/// <param name="position">The last position.</param>
/// <param name="conditions">The number of conditions.</param>
/// <param name="watched">The layer whose pattern is read; null for none.</param>
sealed class PositionReader(Qwen2Model model, int position, int conditions, int? watched = null) : IConditionReader
{
    readonly float[]?[][] outputs =
        [.. Enumerable.Range(0, conditions + 1).Select(_ => new float[]?[model.Config.LayerCount])];

    readonly float[]?[] patterns = new float[]?[conditions + 1];

    public int FirstRead => position + 1;

    public int FirstLayer => watched ?? int.MaxValue;

    int? Watched => watched;

    public IProbe OfBaseline() => new Reading(this, [conditions], 0);

    public IProbe OfBatch(ImmutableArray<int> batch, int layer, int position) => new Reading(this, batch, layer);

    /// <summary>Returns what attention writes in a layer, <c>[width]</c>, under a condition; null for the run without a
    /// change.</summary>
    public ReadOnlySpan<float> Output(int layer, int? condition) =>
        outputs[condition ?? conditions][layer] ?? outputs[conditions][layer];

    /// <summary>Returns where the heads look, <c>[heads, keys]</c>, under a condition; null for the run without a
    /// change.</summary>
    public ReadOnlySpan<float> Pattern(int? condition) => patterns[condition ?? conditions] ?? patterns[conditions];

    sealed class Reading(PositionReader all, ImmutableArray<int> batch, int first) : IProbe
    {
        public bool Wants(Site site) => site.Layer >= first && (
            site.Activation == Activation.AttentionOutput
            || (site.Activation == Activation.Pattern && site.Layer == all.Watched));

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public void Show(Site site, Tensor activation, Device device)
        {
            var width = activation.Shape[^1];
            if (site.Activation == Activation.AttentionOutput)
            {
                var rows = device.Download(activation.Slice(activation.Shape[0] - batch.Length, batch.Length));
                foreach (var (branch, condition) in batch.Index())
                    all.outputs[condition][site.Layer] = rows.AsSpan(branch * width, width).ToArray();
                return;
            }

            // [branch · head, positions, keys]; of each, the last row.
            var (heads, queries) = (activation.Shape[0], activation.Shape[1]);
            using var last = device.Allocate(heads, width);
            device.Gather(
                activation.Reshape(heads * queries, width),
                [.. Enumerable.Range(1, heads).Select(head => (head * queries) - 1)], last);
            var found = device.Download(last);
            var size = found.Length / batch.Length;
            foreach (var (branch, condition) in batch.Index())
                all.patterns[condition] = found.AsSpan(branch * size, size).ToArray();
        }
    }
}
