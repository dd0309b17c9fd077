namespace RatIlgpu.Analysis;

/// <summary>Copies the strongest attention of some heads, and the vectors of some at a few positions.</summary>
sealed class CardProbe : IProbe
{
    static readonly ImmutableDictionary<Activation, HeadVectorKind> Kinds = ImmutableDictionary.CreateRange(
        [
            KeyValuePair.Create(Activation.Query, HeadVectorKind.Query),
            KeyValuePair.Create(Activation.Key, HeadVectorKind.Key),
            KeyValuePair.Create(Activation.Value, HeadVectorKind.Value),
            KeyValuePair.Create(Activation.HeadOutput, HeadVectorKind.Output),
        ]);

    readonly Qwen2Config config;
    readonly ILookup<int, HeadIndex> shown;
    readonly ILookup<int, HeadIndex> drawn;
    readonly int[] positions;

    /// <summary>Prepares to copy.</summary>
    /// <param name="config">The model.</param>
    /// <param name="shown">The heads whose attention is copied.</param>
    /// <param name="drawn">The heads whose vectors are copied.</param>
    /// <param name="positions">The positions of the vectors; none for no vectors.</param>
    public CardProbe(
        Qwen2Config config, IEnumerable<HeadIndex> shown, IEnumerable<HeadIndex> drawn, int[] positions)
    {
        (this.config, this.positions) = (config, positions);
        this.shown = shown.ToLookup(head => head.Layer);
        this.drawn = (positions.Length == 0 ? [] : drawn).ToLookup(head => head.Layer);
    }

    /// <summary>Gets the keys with the most attention of each query, <c>[queries, 8]</c>, and their
    /// attention.</summary>
    public Dictionary<HeadIndex, (short[] Keys, float[] Attention)> Attention { get; } = [];

    /// <summary>Gets the vectors, one for each position.</summary>
    public Dictionary<(HeadIndex, HeadVectorKind), float[][]> Vectors { get; } = [];

    public bool Wants(Site site) => site.Activation == Activation.Pattern
        ? shown.Contains(site.Layer)
        : Kinds.ContainsKey(site.Activation) && drawn.Contains(site.Layer);

    public void Begin(int firstPosition, int positionCount)
    {
    }

    public void Show(Site site, Tensor activation, Device device)
    {
        if (site.Activation == Activation.Pattern)
            foreach (var head in shown[site.Layer])
                Attention[head] = Strongest(head, activation, device);
        else
            AddVectors(site, activation, device);
    }

    (short[] Keys, float[] Attention) Strongest(HeadIndex head, Tensor pattern, Device device)
    {
        const int Kept = HeadExample.KeysPerQuery;
        var tokens = pattern.Shape[1];
        var (keys, attention) = (new int[tokens * Kept], new float[tokens * Kept]);
        device.Top(
            pattern.Slice(head.Head, 1).Reshape(tokens, tokens), null, Kept, keys, attention);
        var window = config.WindowOf(head.Layer);
        for (var i = 0; i < keys.Length; i++)
            // A key that the query does not see has no attention, as many others.
            if (keys[i] < 0 || keys[i] > i / Kept || (i / Kept) - keys[i] >= window)
                (keys[i], attention[i]) = (-1, 0);
        return ([.. keys.Select(key => (short)key)], attention);
    }

    void AddVectors(Site site, Tensor activation, Device device)
    {
        var (size, width) = (config.HeadSize, activation.Shape[1] * activation.Shape[2]);
        using var rows = device.Allocate(positions.Length, width);
        device.Gather(activation.Reshape(activation.Shape[0], width), positions, rows);
        var numbers = device.Download(rows);
        foreach (var head in drawn[site.Layer])
        {
            var own = activation.Shape[1] == config.HeadCount ? head.Head : head.Head / config.GroupSize;
            Vectors[(head, Kinds[site.Activation])] =
                [.. numbers.Chunk(width).Select(row => row[(own * size)..((own + 1) * size)])];
        }
    }
}
