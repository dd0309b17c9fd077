namespace RatIlgpu.Weights;

/// <summary>Finds the tensors of a model in a checkpoint that may name them in another way: without <c>model.</c> in
/// front, as a base model is saved, or with what a wrapper of a training program adds.</summary>
/// <remarks>Decided once, from the names alone. Two tensors that would have one name are both kept: whoever asks for
/// that name is told. So what is found for two names of a model is never one stored name, unless the checkpoint says
/// that one is the other's alias.</remarks>
sealed class TensorNames
{
    /// <summary>The name of the embedding of a model.</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>The name of the unembedding of a model.</summary>
    public const string Unembedding = "lm_head.weight";

    const string Body = "model.";

    // Names that tell where the layers of a model start, the surer one first: encoders of images have layers, too.
    static readonly string[] Marks = ["embed_tokens.weight", "layers.0.input_layernorm.weight"];

    // What wrappers add anywhere in a name: data parallel, compiled, sharded, checkpointed, engine.
    static readonly HashSet<string> Wrappers = new(StringComparer.Ordinal)
    {
        "module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_forward_module",
    };

    // What holds a model, in front of its names.
    static readonly HashSet<string> Holders = new(StringComparer.Ordinal)
    {
        "model", "base_model", "pretrained_model", "language_model", "text_model", "llm",
    };

    readonly Dictionary<string, List<string>> byName = new(StringComparer.Ordinal);

    TensorNames()
    {
    }

    /// <summary>Gets a stored name of each model that the checkpoint holds, where it holds several and none is known to
    /// be meant; else empty.</summary>
    public ImmutableArray<string> Rivals { get; private init; } = [];

    /// <summary>Reads the names of a checkpoint.</summary>
    /// <param name="stored">The names, each once.</param>
    /// <param name="aliases">Other names of stored tensors, by alias.</param>
    public static TensorNames Of(IEnumerable<string> stored, IReadOnlyDictionary<string, string> aliases)
    {
        List<(string Cut, string Stored)> all =
        [
            .. stored.Select(name => (Cut(name), name)),
            .. aliases.Select(alias => (Cut(alias.Key), alias.Value)),
        ];
        var (prefixes, rivals) = Prefixes(all);
        var names = new TensorNames { Rivals = rivals };
        foreach (var (cut, own) in all)
            if (NameOf(cut, prefixes) is { } name)
                names.Add(name, own);
        return names;
    }

    /// <summary>Returns the stored names that may be meant by a name of a model: none, one, or several where the
    /// checkpoint is ambiguous.</summary>
    public IReadOnlyList<string> Find(string name) => byName.GetValueOrDefault(name) ?? [];

    void Add(string name, string stored)
    {
        if (!byName.TryGetValue(name, out var found))
            byName.Add(name, found = []);
        if (!found.Contains(stored))
            found.Add(stored);
    }

    static string Cut(string name) => string.Join('.', name.Split('.').Where(part => !Wrappers.Contains(part)));

    // All known prefixes, so that two models in one file are seen; else the only one there is.
    static (HashSet<string> Prefixes, ImmutableArray<string> Rivals) Prefixes(List<(string Cut, string Stored)> all)
    {
        foreach (var mark in Marks)
        {
            var marked = all.Where(one => one.Cut == mark || one.Cut.EndsWith("." + mark, StringComparison.Ordinal))
                .Select(one => (Prefix: one.Cut[..^mark.Length], one.Stored)).ToList();
            var known = marked.Where(one => IsKnown(one.Prefix)).Select(one => one.Prefix).ToHashSet();
            if (known.Count > 0)
                return (known, []);
            var other = marked.DistinctBy(one => one.Prefix).ToList();
            if (other.Count == 1)
                return ([other[0].Prefix], []);
            if (other.Count > 1)
                return ([], [.. other.Select(one => one.Stored).Order(StringComparer.Ordinal)]);
        }

        return ([], []);
    }

    static bool IsKnown(string prefix) =>
        prefix.Length == 0 || prefix[..^1].Split('.').All(Holders.Contains);

    // The longest prefix counts: of "" and "model.", both of which fit the names of a model.
    static string? NameOf(string cut, HashSet<string> prefixes)
    {
        var prefix = prefixes.Where(one => cut.StartsWith(one, StringComparison.Ordinal)).MaxBy(one => one.Length);
        if (cut == Unembedding || cut.EndsWith("." + Unembedding, StringComparison.Ordinal))
        {
            var before = cut[..^Unembedding.Length];
            if (prefixes.Count == 0 || prefixes.Any(one => one.StartsWith(before, StringComparison.Ordinal)))
                return Unembedding;
        }

        return prefix is null ? null : Body + cut[prefix.Length..];
    }
}
