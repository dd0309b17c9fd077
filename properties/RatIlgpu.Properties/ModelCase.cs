namespace RatIlgpu.Properties;

/// <summary>A small random model and a prompt.</summary>
/// <param name="Layers">The number of layers, 1 to 3.</param>
/// <param name="KeyHeads">The number of key/value heads, 1 to 3.</param>
/// <param name="Group">The number of query heads for each key/value head, 1 to 3.</param>
/// <param name="HeadSize">The size of a head, even.</param>
/// <param name="Window">The sliding window of the layers after the first, in a Mistral model of all layers; 0 for
/// none.</param>
/// <param name="Length">The number of tokens of the prompt.</param>
/// <param name="Seed">The seed of weights and prompt.</param>
/// <param name="Family">The family, which decides the parts of a layer.</param>
public sealed record ModelCase(
    int Layers, int KeyHeads, int Group, int HeadSize, int Window, int Length, int Seed, string Family)
{
    /// <summary>Gets arbitrary cases; smaller cases have smaller numbers.</summary>
    public static Arbitrary<ModelCase> Any { get; } = Arb.From(
        from layers in Gen.Choose(1, 3)
        from keyHeads in Gen.Choose(1, 3)
        from heads in Gen.Choose(1, 3)
        from half in Gen.Choose(1, 5)
        from window in Gen.Choose(0, 6)
        from length in Gen.Choose(1, 24)
        from seed in Gen.Choose(0, 1000)
        from family in Gen.Elements(TinyQwen2.Families.Keys.ToArray())
        select new ModelCase(layers, keyHeads, heads, 2 * half, window, length, seed, family),
        found => found.Smaller());

    /// <summary>Returns the sizes of the model.</summary>
    public Qwen2Config Config() => TinyQwen2.Families[Family] with
    {
        LayerCount = Layers,
        KeyValueHeadCount = KeyHeads,
        HeadCount = KeyHeads * Group,
        HeadSize = HeadSize,
        SlidingWindow = Window == 0 ? null : Window,
        MaxWindowLayers = Family == "mistral" ? 0 : 1,
    };

    /// <summary>Makes the model's checkpoint.</summary>
    /// <param name="change">Changes the numbers of a weight, which it is given by name; null for none.</param>
    public TinyQwen2 Make(Action<string, float[]>? change = null) => new(Config(), Seed, change: change);

    /// <summary>Checks a statement of the model on the CPU, or on another device, and of the prompt.</summary>
    public void Holds(Action<TinyQwen2, Qwen2Model, int[]> statement, Device? device = null)
    {
        using var tiny = Make();
        using var place = device ?? new CpuDevice();
        using var model = tiny.On(place);
        statement(tiny, model, tiny.Prompt(Length, Seed));
    }

    IEnumerable<ModelCase> Smaller()
    {
        if (Family != "qwen2")
            yield return this with { Family = "qwen2" };
        if (Length > 1)
            yield return this with { Length = Length / 2 };
        if (Layers > 1)
            yield return this with { Layers = Layers - 1 };
        if (KeyHeads > 1)
            yield return this with { KeyHeads = KeyHeads - 1 };
        if (Group > 1)
            yield return this with { Group = Group - 1 };
        if (HeadSize > 2)
            yield return this with { HeadSize = HeadSize - 2 };
        if (Window > 0)
            yield return this with { Window = 0 };
    }
}
