namespace RatIlgpu.Analysis;

/// <summary>Reads the runs of one sample: how much of the output of attention is left, and what happens to the
/// predictions.</summary>
/// <param name="model">The model.</param>
/// <param name="first">The first position that a condition changes.</param>
/// <param name="conditions">The number of conditions.</param>
/// <param name="tokens">The tokens that count as predictions.</param>
/// <param name="patterns">What watches patterns; null for nothing.</param>
/// <param name="length">The number of tokens of the sample: those that run together keep as much as one of many tokens;
/// null for many.</param>
/// <param name="cancellation">Stops between two blocks of logits.</param>
sealed class AblationReader(
    Qwen2Model model,
    int first,
    int conditions,
    PredictedTokens tokens,
    PatternWatch? patterns = null,
    int? length = null,
    CancellationToken cancellation = default) : IConditionReader
{
    readonly Dictionary<int, float[]> outputs = [];
    readonly PredictionComparison predictions =
        new(model, conditions, tokens, MostKept(length), cancellation);

    readonly OutputChange[]?[][] changes = [.. Enumerable.Range(0, conditions).Select(
        _ => new OutputChange[]?[model.Config.LayerCount])];

    public int FirstRead => first;

    public int FirstLayer => int.MaxValue;

    /// <summary>Gets the likeliest next token of the run without a change at each position from the first changed one
    /// on.</summary>
    public ImmutableArray<int> Predictions => [.. predictions.Baseline];

    static long MostKept(int? length) => PredictionComparison.MostKept / PromptGroups.MostTokens
        * int.Min(length ?? PromptGroups.MostTokens, PromptGroups.MostTokens);

    Qwen2Model Model => model;

    PatternWatch? Patterns => patterns;

    public IProbe OfBaseline() => new Reading(this, [], 0, first);

    public IProbe OfBatch(ImmutableArray<int> batch, int layer, int position) =>
        new Reading(this, batch, layer, position);

    // Logits are as much work as some layers.
    public double ShareOfEnd => 0.5;

    public void End() => predictions.Finish();

    /// <summary>Returns what a condition changes.</summary>
    public SampleEffect EffectOf(int condition) => new(
        [.. changes[condition].OfType<OutputChange[]>().Select(layer => (ValueArray<OutputChange>)[.. layer])],
        [.. predictions.DivergencesOf(condition)], [.. predictions.PredictionsOf(condition)],
        patterns?.Of(condition) ?? []);

    /// <summary>Reads one run: that without interventions, which has no conditions, or a batch.</summary>
    sealed class Reading(AblationReader all, ImmutableArray<int> batch, int layer, int position) : IProbe
    {
        bool IsBaseline => batch.IsEmpty;

        public bool Wants(Site site) =>
            site == Site.FinalNorm
            || (site.Activation == Activation.AttentionOutput && site.Layer >= layer)
            || (all.Patterns?.Wants(site) ?? false);

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public void Show(Site site, Tensor activation, Device device)
        {
            if (site == Site.FinalNorm)
                ReadNorm(activation);
            else if (site.Activation == Activation.AttentionOutput)
                ReadOutput(site.Layer, device.Download(activation));
            else
                all.Patterns!.Show(site, activation, device, batch, position);
        }

        void ReadOutput(int layer, float[] output)
        {
            if (IsBaseline)
            {
                all.outputs.Add(layer, output);
                return;
            }

            var (width, before) = (all.Model.Config.HiddenSize, all.outputs[layer]);
            var rows = output.Length / width / batch.Length;
            foreach (var condition in batch)
                all.changes[condition][layer] =
                    [.. Enumerable.Repeat(OutputChange.None, (before.Length / width) - all.FirstRead)];
            for (var row = 0; row < rows * batch.Length; row++)
            {
                var at = position + (row / batch.Length);
                all.changes[batch[row % batch.Length]][layer]![at - all.FirstRead] = OutputChange.Of(
                    before.AsSpan(at * width, width), output.AsSpan(row * width, width));
            }
        }

        void ReadNorm(Tensor normed)
        {
            if (IsBaseline)
                all.predictions.Set(normed);
            else
                all.predictions.Add(batch, position - all.FirstRead, normed);
        }
    }
}
