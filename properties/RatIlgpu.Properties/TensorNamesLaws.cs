using RatIlgpu.Weights;

namespace RatIlgpu.Properties;

/// <summary>What wrappers put into the names of a checkpoint does not hide a weight, and never makes two weights
/// one.</summary>
[Properties(Arbitrary = [typeof(NamesCase)])]
public sealed class TensorNamesLaws
{
    [Law]
    public void Every_weight_is_found_and_no_two_weights_are_one_tensor(NamesCase some)
    {
        var names = TensorNames.Of(some.Stored.Values.Concat(some.Others), some.NoAliases);
        var found = some.Stored.Keys.ToDictionary(name => name, name => Assert.Single(names.Find(name)));
        Assert.Equal(some.Stored, found);
        Assert.Equal(found.Count, found.Values.Distinct().Count());
    }

    [Law]
    public void The_order_of_the_names_does_not_matter(NamesCase some)
    {
        string[] stored = [.. some.Stored.Values, .. some.Others];
        var random = new Random(some.Seed);
        string[] shuffled = [.. stored];
        random.Shuffle(shuffled);
        var (names, others) = (TensorNames.Of(stored, some.NoAliases), TensorNames.Of(shuffled, some.NoAliases));
        Assert.All(some.Stored.Keys, name => Assert.Equal(names.Find(name), others.Find(name)));
    }

    [Law]
    public void A_second_tensor_of_a_weight_is_seen(NamesCase some)
    {
        var (name, stored) = some.Stored.ElementAt(some.Seed % some.Stored.Count);
        var second = "module." + stored;
        var names = TensorNames.Of([.. some.Stored.Values, second], some.NoAliases);
        Assert.Equal([stored, second], names.Find(name));
        Assert.All(some.Stored.Keys.Where(other => other != name), other => Assert.Single(names.Find(other)));
    }

    [Law]
    public void An_alias_is_found_as_what_it_stands_for(NamesCase some)
    {
        var (name, stored) = some.Stored.ElementAt(some.Seed % some.Stored.Count);
        var aliases = new Dictionary<string, string> { [stored] = "kept" };
        var names = TensorNames.Of([.. some.Stored.Values.Where(one => one != stored), "kept"], aliases);
        Assert.Equal(["kept"], names.Find(name));
    }
}

/// <summary>The names of a model as a wrapper stores them.</summary>
/// <param name="Layers">The number of layers.</param>
/// <param name="Prefix">What stands in front of the layers, a number of <see cref="Prefixes"/>.</param>
/// <param name="Wrapped">How often in 10 a wrapper stands before a part of a name.</param>
/// <param name="Seed">The seed of the places of wrappers.</param>
public sealed record NamesCase(int Layers, int Prefix, int Wrapped, int Seed)
{
    static readonly string[] Wrappers =
        ["module.", "_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.", "_forward_module."];

    static readonly string[] Prefixes =
    [
        "model.", "", "model.model.", "base_model.model.model.", "language_model.model.", "model.language_model.",
        "student.model.", "a.b.",
    ];

    /// <summary>Gets cases of one to four layers; a smaller case has fewer layers, wrappers and parts in
    /// front.</summary>
    public static Arbitrary<NamesCase> Cases { get; } = Arb.From(
        Gen.Choose(1, 4).SelectMany(layers => Gen.Choose(0, Prefixes.Length - 1).SelectMany(prefix =>
            Gen.Choose(0, 5).SelectMany(wrapped => Gen.Choose(0, 1 << 20).Select(
                seed => new NamesCase(layers, prefix, wrapped, seed))))),
        Smaller);

    /// <summary>Gets the stored name of every weight, by the name that the model uses.</summary>
    public IReadOnlyDictionary<string, string> Stored
    {
        get
        {
            var random = new Random(Seed);
            return Models.Qwen2Layout.Tensors(Testing.TinyQwen2.Small with
            {
                LayerCount = Layers,
                TiesEmbeddings = false,
            }).ToDictionary(weight => weight.Name, weight => AsStored(weight.Name, random));
        }
    }

    /// <summary>Gets names of tensors that the model does not use.</summary>
    public IReadOnlyList<string> Others =>
        ["v_head.summary.weight", "vision.layers.0.norm1.weight", $"{Prefixes[Prefix]}rotary_emb.inv_freq"];

    /// <summary>Gets that no name stands for another.</summary>
    public IReadOnlyDictionary<string, string> NoAliases { get; } = new Dictionary<string, string>();

    // The unembedding stands at any place above the layers.
    string AsStored(string name, Random random)
    {
        const string Head = "lm_head.weight";
        var parts = Prefixes[Prefix].Split('.', StringSplitOptions.RemoveEmptyEntries);
        var own = name == Head
            ? string.Concat(parts.Take(random.Next(parts.Length + 1)).Select(part => part + ".")) + Head
            : Prefixes[Prefix] + name["model.".Length..];
        return string.Join('.', own.Split('.').Select(part =>
            (random.Next(10) < Wrapped ? Wrappers[random.Next(Wrappers.Length)] : "") + part));
    }

    static IEnumerable<NamesCase> Smaller(NamesCase some)
    {
        if (some.Layers > 1)
            yield return some with { Layers = some.Layers - 1 };
        if (some.Prefix > 0)
            yield return some with { Prefix = some.Prefix - 1 };
        if (some.Wrapped > 0)
            yield return some with { Wrapped = some.Wrapped - 1 };
    }
}
