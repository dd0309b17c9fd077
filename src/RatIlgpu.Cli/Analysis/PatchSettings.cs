namespace RatIlgpu.Cli.Analysis;

/// <summary>The options of the command <c>patch</c>.</summary>
sealed class PatchSettings
{
    static readonly Dictionary<string, (Activation Activation, PatchAxes Axes)> Activations = new()
    {
        ["residual"] = (Activation.ResidualBefore, PatchAxes.Position),
        ["middle"] = (Activation.ResidualMiddle, PatchAxes.Position),
        ["attention"] = (Activation.AttentionOutput, PatchAxes.Position),
        ["mlp"] = (Activation.MlpOutput, PatchAxes.Position),
        ["heads"] = (Activation.HeadOutput, PatchAxes.Head),
        ["query"] = (Activation.Query, PatchAxes.Head),
        ["key"] = (Activation.Key, PatchAxes.Head),
        ["value"] = (Activation.Value, PatchAxes.Head),
        ["pattern"] = (Activation.Pattern, PatchAxes.Head),
    };

    public CliOption<string> Clean { get; } = new(
        "--clean", "text", "The prompt whose activations are put in.")
    { Required = true };

    public CliOption<string> Corrupted { get; } = new("--corrupted", "text",
        "The prompt that runs, and into which they are put; as many tokens as the clean one.")
    { Required = true };

    public CliOption<ImmutableArray<HeadIndex>> Source { get; } = new("--source, -s", "head|all",
        "Patch direct paths from this head, such as L1H0, or from all, to every later head.", ParseSource);

    public CliOption<bool> Together { get; } = new(
        "--together", "Patch the paths into all heads of a later layer at once, layer by layer.");

    public CliOption<HeadInput> Input { get; } = new("--input, -i", "input",
        "Through what later heads read a path: query (the default), key or value.",
        text => text switch
        {
            "q" or "query" => HeadInput.Query,
            "k" or "key" => HeadInput.Key,
            "v" or "value" => HeadInput.Value,
            _ => throw new FormatException($"input: '{text}' is not one, expected query, key or value (or q, k, v)."),
        });

    public CliOption<KeyValueScope?> Scope { get; } = new("--scope", "head|group",
        "Who sees a patched key or value: head, one query head by itself, or group, all that share it. "
            + "Default: head for paths, group for activations.",
        text => text switch
        {
            "head" => KeyValueScope.QueryHead,
            "group" => KeyValueScope.KeyValueGroup,
            _ => throw new FormatException($"scope: '{text}' is not one, expected head or group."),
        });

    public CliOption<NormTreatment> Norm { get; } = new("--norm", "frozen|recomputed",
        "How a path goes through the norm: frozen (the default), the scale of the corrupted run, or recomputed.",
        text => text switch
        {
            "frozen" => NormTreatment.FrozenScale,
            "recomputed" => NormTreatment.Recomputed,
            _ => throw new FormatException($"norm: '{text}' is not one, expected frozen or recomputed."),
        });

    public CliOption<string?> Patched { get; } = new("--activation, -a", "name",
        "Patch an activation instead of paths: residual, middle, attention or mlp, by position; heads "
            + "(their outputs), query, key, value or pattern, by head.");

    public CliOption<bool> ByPosition { get; } = new(
        "--by-position", "Patch an activation of heads at each position by itself.");

    public CliOption<int> Top { get; } = new("--top, -n", "n", "How many of the largest effects are shown.", 10);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(TerminalCommand command) =>
        command.AddAll(Clean, Corrupted, Source, Together, Input, Scope, Norm, Patched, ByPosition, Top);

    /// <summary>Refuses options that contradict each other.</summary>
    /// <exception cref="UsageException">Two options contradict each other.</exception>
    public void Check(ParseResult parsed)
    {
        bool Given(Option option) => parsed.GetResult(option) is { Implicit: false };
        var paths = Given(Source);
        if (paths == Given(Patched))
            throw new UsageException(
                "say what to patch: paths with --source, or an activation with --activation, one of them.");
        if (!paths && (Given(Input) || Given(Norm) || Given(Together)))
            throw new UsageException("--input, --norm and --together are for paths; give --source.");
        if (Given(Together) && Given(Scope))
            throw new UsageException("--scope is for single heads; --together patches all that share a key or value.");
        if (paths && Given(ByPosition))
            throw new UsageException("--by-position is for an activation of heads; give --activation.");
        if (paths && Given(Scope) && parsed.GetValue(Input) == HeadInput.Query)
            throw new UsageException("--scope is for keys and values; heads share no query.");
        if (!paths)
            ReadTarget(parsed);
        if (parsed.GetValue(Top) < 0)
            throw new UsageException($"--top is {parsed.GetValue(Top)}, expected 0 or more.");
    }

    /// <summary>Returns the activation to patch.</summary>
    /// <exception cref="UsageException">There is no such activation, or it lacks the requested axis.</exception>
    public PatchTarget ReadTarget(ParseResult parsed)
    {
        var name = parsed.GetValue(Patched)!;
        if (!Activations.TryGetValue(name, out var found))
            throw new UsageException($"--activation is '{name}', expected {string.Join(", ", Activations.Keys)}.");
        var scope = parsed.GetValue(Scope);
        if (scope is not null && name is not ("key" or "value"))
            throw new UsageException("--scope is for keys and values.");
        if (parsed.GetValue(ByPosition) && found.Axes != PatchAxes.Head)
            throw new UsageException($"--activation {name} is patched by position anyway; leave --by-position out.");
        var axes = found.Axes | (parsed.GetValue(ByPosition) ? PatchAxes.Position : PatchAxes.Layer);
        return new(found.Activation, axes, scope ?? KeyValueScope.KeyValueGroup);
    }

    // An empty list stands for all heads.
    static ImmutableArray<HeadIndex> ParseSource(string text) => text == "all" ? [] : [HeadIndex.Parse(text)];
}
