namespace RatIlgpu.Cli;

/// <summary>Traces a prompt and writes the page.</summary>
sealed class TraceCommand : ModelCommand
{
    readonly PromptOptions prompts = new();
    readonly TraceSettings settings = new();

    readonly CliOption<string> output = new("--output, -o", "folder",
        "The folder for index.html and trace.json; for several layers, trace-L0.json and so on. Such "
            + "files of an earlier run are deleted from it.",
        "output");

    readonly CliOption<bool> openBrowser = new("--open-browser", "Open the page when it is written.");

    public TraceCommand(Terminal terminal)
        : base(
            "trace", "Trace attention backward from a token of a prompt, and write a page that shows the paths.",
            terminal)
    {
        prompts.AddTo(this);
        Models.AddTo(this);
        settings.AddTo(this);
        AddAll(output, openBrowser);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(prompts.TraceToken) is not null && parsed.GetValue(settings.TargetPosition) is not null)
            throw new UsageException("--trace-token and --target-pos both say what to trace; give one of them.");
        settings.Check(parsed);
        var source = FindModel(parsed);
        var text = prompts.Prompt.Read(parsed, Terminal, source, cancellation);
        var folder = TraceFiles.FolderFor(parsed.GetValue(output)!, settings.HasLayers(parsed) ? [] : null);

        using var loaded = Load(parsed, source);
        var model = loaded.Model;
        var prompt = model.Tokenizer.Encode(text).Ids;
        var options = settings.Read(parsed);
        CheckModel(options, model);
        var layers = settings.ReadLayers(parsed, model.Config.LayerCount);
        if (layers is not null)
            folder = TraceFiles.FolderFor(parsed.GetValue(output)!, layers);
        var generated = prompts.Continue(parsed, model, prompt, options.AttentionMask, cancellation);
        var ids = prompt.AddRange(generated);
        options = options with { AttentionMask = options.AttentionMask?.Items.AddRange(generated.Select(_ => 1)) };
        if (prompts.TracedPosition(parsed, prompt.Length, generated.Length) is { } position)
            options = options with { TargetPosition = position };

        using var progress = new ProgressLine(Terminal);
        var tracer = new ReverseAttentionTracer(model) { Progress = progress };
        ImmutableArray<TraceResult> results = layers is { } several
            ? tracer.TraceLayers(ids.AsSpan(), several.Select(layer => (Index)layer), options, cancellation)
            : [tracer.Trace(ids.AsSpan(), options, cancellation)];
        progress.Dispose();

        Keep(
            () => TraceFiles.Write(results, layers is not null, folder, cancellation),
            () => TraceReport.Print(results, model, prompt.Length, Terminal.Output),
            parsed.GetValue(openBrowser));
        return 0;
    }

    void Keep(
        Func<(string Page, string Data, IReadOnlyList<string> Deleted)> write, Action print, bool opensBrowser)
    {
        var (page, data, deleted) = AndPrint(write, print);
        Terminal.Output.WriteLine();
        if (deleted.Count > 0)
            Terminal.Output.WriteLine($"Deleted, of an earlier run: {OneLine.Escape(string.Join(", ", deleted))}");
        Terminal.Output.WriteLine($"Wrote {OneLine.Escape(page)} and {OneLine.Escape(data)}");
        if (opensBrowser)
            Browser.Open(page, Terminal.Error);
    }

    /// <summary>Writes the files, then prints the paths. The paths are printed even if writing fails, since they may
    /// have taken hours; on cancellation nothing is printed.</summary>
    internal static T AndPrint<T>(Func<T> write, Action print)
    {
        T written;
        try
        {
            written = write();
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            print();
            throw;
        }

        print();
        return written;
    }

    // Refuses a wrong layer or head before any token is generated.
    static void CheckModel(TraceOptions options, LanguageModel model) =>
        (options with { TargetPosition = 0, AttentionMask = null })
            .Resolve(1, model.Config.LayerCount, model.Config.HeadCount, model.Config.VocabularySize);
}
