namespace RatIlgpu.Analysis;

/// <summary>Reads the logits at the last position of a prompt, first those of the run without a change, then those
/// under each condition as it runs; none are held.</summary>
/// <param name="model">The model.</param>
/// <param name="position">The last position.</param>
/// <param name="baseline">Reads the logits without a change, <c>[vocabulary]</c>; its row means nothing.</param>
/// <param name="changed">Reads the logits under the condition whose place is the row, <c>[vocabulary]</c>.</param>
sealed class LastLogitReader(Qwen2Model model, int position, LogitRows.Reader baseline, LogitRows.Reader changed)
    : IConditionReader
{
    public int FirstRead => position;

    public int FirstLayer => int.MaxValue;

    public IProbe OfBaseline() => new Reading(model, baseline);

    public IProbe OfBatch(ImmutableArray<int> conditions, int layer, int position) =>
        new Reading(model, (branch, logits) => changed(conditions[branch], logits));

    sealed class Reading(Qwen2Model model, LogitRows.Reader read) : IProbe
    {
        public bool Wants(Site site) => site == Site.FinalNorm;

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public void Show(Site site, Tensor activation, Device device) => LogitRows.Read(model, activation, read);
    }
}
