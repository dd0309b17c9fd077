namespace RatIlgpu.Cli.Analysis;

/// <summary>Patches paths or activations from one prompt into another.</summary>
sealed class PatchCommand : ModelCommand
{
    readonly MetricOptions metrics = new();
    readonly PatchSettings settings = new();
    readonly JsonFile json = new();

    public PatchCommand(Terminal terminal)
        : base(
            "patch",
            "Run a corrupted prompt with one path or activation as in a clean prompt, and see which restores what the "
            + "model did with the clean one.",
            terminal)
    {
        settings.AddTo(this);
        metrics.AddTo(this);
        Models.AddTo(this);
        AddAll(json.Option);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancellation)
    {
        settings.Check(parsed);
        json.Read(parsed);
        var source = FindModel(parsed);
        using var loaded = Load(parsed, source);
        var model = loaded.Model;
        var pair = ReadPair(parsed, model);
        var position = metrics.ReadPosition(parsed, pair.Length);
        var target = metrics.ReadTarget(parsed, model, pair.Clean, position, cancellation);
        var metric = new LogitMetric.Logit(target, position);

        using var progress = new ProgressLine(Terminal, "patches");
        var found = parsed.GetResult(settings.Source) is not null
            ? Paths(parsed, model, pair, metric, progress, cancellation)
            : Activations(parsed, model, pair, metric, progress, cancellation);
        progress.Dispose();

        var output = Terminal.Output;
        ReportHead.PrintHead(output, model, ("Clean", pair.Clean), ("Corrupted", pair.Corrupted));
        output.WriteLine(ReportHead.Metric(target, position, model) + string.Create(
            CultureInfo.InvariantCulture, $": clean {found.Clean:F3}, corrupted {found.Corrupted:F3}"));
        if (pair.FirstDifference == pair.Length)
            output.WriteLine("Note       The prompts are the same: no patch changes anything.");
        if (!found.Lines(pair, model).Any())
            output.WriteLine("Note       No later layer reads these sources.");
        PatchReport.Print(found.What, found.Lines(pair, model), parsed.GetValue(settings.Top), output);
        json.Write(path => found.Save(model, path), output);
        return 0;
    }

    PatchResult Paths(
        ParseResult parsed,
        LanguageModel model,
        PromptPair pair,
        LogitMetric metric,
        ProgressLine progress,
        CancellationToken cancellation)
    {
        var input = parsed.GetValue(settings.Input);
        var options = new DirectPathOptions
        {
            Scope = parsed.GetValue(settings.Scope) ?? KeyValueScope.QueryHead,
            Norm = parsed.GetValue(settings.Norm),
            Axes = parsed.GetValue(settings.Together) ? PatchAxes.Layer : PatchAxes.Head,
        };
        var patching = new DirectPathPatching(model.Network) { Progress = progress };
        var source = parsed.GetValue(settings.Source).Cast<HeadIndex?>().FirstOrDefault();
        var paths = source is { } head
            ? [patching.Sweep(pair, head, input, metric, options, cancellation)]
            : patching.SweepAll(pair, input, metric, options, cancellation).ToImmutableArray();
        return PatchResult.Of(paths);
    }

    PatchResult Activations(
        ParseResult parsed,
        LanguageModel model,
        PromptPair pair,
        LogitMetric metric,
        ProgressLine progress,
        CancellationToken cancellation)
    {
        var patching = new ActivationPatching(model.Network) { Progress = progress };
        var grid = patching.Sweep(pair, settings.ReadTarget(parsed), metric, null, cancellation);
        return PatchResult.Of(grid);
    }

    PromptPair ReadPair(ParseResult parsed, LanguageModel model)
    {
        var (clean, corrupted) = (Ids(settings.Clean), Ids(settings.Corrupted));
        return clean.Length == corrupted.Length
            ? new(clean.AsSpan(), corrupted.AsSpan())
            : throw new UsageException(
                $"--clean is {ReportHead.Tokens(clean, model)}, "
                + $"--corrupted {ReportHead.Tokens(corrupted, model)}; "
                + "expected equally many tokens, so that each position means the same in both.");

        ImmutableArray<int> Ids(Option<string> option)
        {
            var ids = model.Tokenizer.Encode(parsed.GetValue(option)!).Ids;
            return ids.IsEmpty ? throw new UsageException($"{option.Name} is empty, expected a prompt.") : ids;
        }
    }
}
