namespace RatIlgpu.Analysis;

/// <summary>Reads the logits at the last position of a prompt, first those of the run without a change, then those
/// under each condition that ran.</summary>
/// <remarks>Final norms are kept, which are much smaller than logits; logits are computed at the end, some rows at a
/// time, and none are held.</remarks>
/// <param name="rows">Computes the logits.</param>
/// <param name="model">The model.</param>
/// <param name="position">The last position.</param>
/// <param name="baseline">Reads the logits without a change, <c>[vocabulary]</c>; its row means nothing.</param>
/// <param name="changed">Reads the logits under the condition whose place is the row, <c>[vocabulary]</c>; called on
/// several threads at once.</param>
/// <param name="cancellation">Stops between two blocks of logits.</param>
sealed class LastLogitReader(
    LogitRows rows,
    Qwen2Model model,
    int position,
    LogitRows.Reader baseline,
    LogitRows.Reader changed,
    CancellationToken cancellation) : IConditionReader
{
    // The place of each row that is kept; the first is that without a change.
    readonly List<int> places = [];
    readonly List<float> norms = [];

    public int FirstRead => position;

    public int FirstLayer => int.MaxValue;

    public IProbe OfBaseline() => new Reading(this, [-1]);

    public IProbe OfBatch(ImmutableArray<int> conditions, int layer, int position) => new Reading(this, conditions);

    // Logits are as much work as some layers.
    public double ShareOfEnd => 0.5;

    /// <exception cref="ArithmeticException">A logit is not a finite number.</exception>
    public void End()
    {
        var width = model.Config.HiddenSize;
        var numbers = CollectionsMarshal.AsSpan(norms);
        using var normed = model.Device.Allocate(int.Min(LogitRows.Most, places.Count), width);
        for (var start = 0; start < places.Count; start += LogitRows.Most)
        {
            cancellation.ThrowIfCancellationRequested();
            var block = normed.Slice(0, int.Min(LogitRows.Most, places.Count - start));
            model.Device.Upload(numbers.Slice(start * width, block.Shape[0] * width), block);
            rows.Unembed(block);
            // Conditions are compared with the run without a change, which is read before them.
            var first = start == 0 ? 1 : 0;
            if (start == 0)
                baseline(0, rows[0]);
            rows.Each(block.Shape[0] - first, row => changed(places[start + first + row], rows[first + row]));
        }
    }

    sealed class Reading(LastLogitReader all, ImmutableArray<int> batch) : IProbe
    {
        public bool Wants(Site site) => site == Site.FinalNorm;

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public void Show(Site site, Tensor activation, Device device)
        {
            all.places.AddRange(batch);
            all.norms.AddRange(device.Download(activation));
        }
    }
}
