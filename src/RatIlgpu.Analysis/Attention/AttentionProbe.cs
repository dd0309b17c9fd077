namespace RatIlgpu.Analysis;

/// <summary>A probe that gathers the activations of each layer of a plan, and makes its heads while the run waits, so
/// that those of one layer are held at a time.</summary>
sealed class AttentionProbe(
    Qwen2Model model,
    AttentionPlan plan,
    AnalysisPrompt prompt,
    OutputGrams grams,
    Action<HeadAttention> each,
    CancellationToken cancellation) : IProbe, IDisposable
{
    readonly ImmutableHashSet<Site> taken = [.. plan.Layers.SelectMany(layer => layer.Sites)];
    readonly Dictionary<int, LayerPlan> layers = plan.Layers.ToDictionary(layer => layer.Layer);
    readonly Dictionary<Activation, (Tensor Tensor, int Count)> gathered = [];
    readonly InterventionProbe? changes =
        plan.Options.Interventions.IsEmpty ? null : new(model, plan.Options.Interventions.AsSpan());

    int Tokens => prompt.TokenIds.Length;

    public bool Wants(Site site) => taken.Contains(site) || (changes?.Wants(site) ?? false);

    public void Begin(int firstPosition, int positionCount) => changes?.Begin(firstPosition, positionCount);

    public void BeginBranches(int branches) => changes?.BeginBranches(branches);

    public void BeginLogits(ImmutableArray<int> positions) => changes?.BeginLogits(positions);

    public void Show(Site site, Tensor activation, Device device)
    {
        if (changes?.Wants(site) ?? false)
            changes.Show(site, activation, device);
        if (!taken.Contains(site))
            return;
        // A pattern is the last of the sites and read where it lies: it is too large for a copy.
        if (site.Activation != Activation.Pattern)
            Gather(site.Activation, activation, device);
        if (site != layers[site.Layer].Sites[^1]
            || gathered.Values.Any(one => one.Count < Tokens))
            return;
        Make(layers[site.Layer], site.Activation == Activation.Pattern ? activation : null);
        Free();
    }

    public void Dispose()
    {
        Free();
        changes?.Dispose();
    }

    void Gather(Activation activation, Tensor rows, Device device)
    {
        if (!gathered.TryGetValue(activation, out var all))
            all = (device.Allocate(Tokens, rows.Shape[1], rows.Shape[2]), 0);
        gathered[activation] = (all.Tensor, all.Count + rows.Shape[0]);
        device.Copy(rows, all.Tensor.Slice(all.Count, rows.Shape[0]));
    }

    void Make(LayerPlan layer, Tensor? pattern) =>
        new LayerHeads(model, layer, plan.Options, prompt.AttentionMask?.Items, grams)
            .Make(Tokens, TableOf, head => pattern is null ? null : RowsOf(pattern, head), each, cancellation);

    HeadTable? TableOf(Activation activation, int head)
    {
        if (!gathered.TryGetValue(activation, out var found))
            return null;
        var (tokens, heads, width) = (found.Tensor.Shape[0], found.Tensor.Shape[1], found.Tensor.Shape[2]);
        return new(
            found.Tensor.Reshape(tokens * heads, width), (position, own) => position * heads + own,
            model.Config.HeadCount / heads);
    }

    PatternRows RowsOf(Tensor pattern, int head) => (first, rows) => model.Device.Download(
        pattern.Slice(head, 1).Reshape(Tokens, Tokens).Slice(first, rows.Length / Tokens), rows);

    void Free()
    {
        foreach (var (tensor, _) in gathered.Values)
            tensor.Dispose();
        gathered.Clear();
    }
}
