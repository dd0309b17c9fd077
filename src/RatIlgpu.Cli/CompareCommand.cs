using System.Text.Json;
using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli;

/// <summary>Shows two traces, or two flows through all layers, on one page.</summary>
sealed class CompareCommand : TerminalCommand
{
    // Ten times the size of a trace of 100,000 tokens and 1,000 paths.
    const int MostBytes = 1 << 28;

    const string Page = "compare.html";

    readonly CliOptions options;
    readonly Argument<string> a = new("A") { Description = "The trace.json or flow.json of the first trace." };
    readonly Argument<string> b = new("B") { Description = "That of the second trace; both are of one kind." };

    public CompareCommand(Terminal terminal, CliOptions options)
        : base(
            "compare",
            "Show two traces, or two flows through all layers, on one page, to one scale: of two prompts, layers, "
            + "heads or models.",
            terminal)
    {
        this.options = options;
        Arguments.Add(a);
        Arguments.Add(b);
        AddAll(options.Output, options.OpenBrowser, options.Title, options.Theme, options.Json, options.Svg);
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Two traces, such as of two prompts:", "first/trace.json second/trace.json"),
        ("Two flows through all layers, of trace --through:", "first/flow.json second/flow.json"),
        ("With a title, and as a figure for a paper too:", "a.json b.json --title \"Mary and John\" --svg figure.svg"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var (nameA, nameB) = (NameOf(parsed, a), NameOf(parsed, b));
        var look = new ComparePageOptions
        {
            NameA = nameA,
            NameB = nameB,
            Theme = parsed.Get(options.Theme),
        };
        if (parsed.Get(options.Title) is { } title)
            look = look with { Title = title };
        var json = new JsonOutput(parsed, options, Terminal);
        OutputTargets.Check(parsed, options, name => name == Page, nameA, nameB);
        var (output, opensBrowser) = (parsed.Get(options.Output)!, parsed.Get(options.OpenBrowser));
        var svg = SvgOutput.Read(parsed, options);
        return cancellation =>
        {
            json.Try();
            svg.Try();
            var folder = OutputFolder.For(output, Page);
            var pair = Abandonable.Run(cancellation, () => Pair(nameA, nameB, look));
            var html = Abandonable.Run(cancellation, pair.Page);
            var page = folder.Write(Page, html.Write);
            if (pair.Equal is { } equal)
                json.Report.WriteLine(equal);
            foreach (var line in pair.Lines)
                json.Report.WriteLine(line);
            json.Report.WriteLine($"Wrote {OneLine.Escape(page)}");
            svg.Write(pair.Svg, json.Report);
            json.Write(pair.Json);
            if (opensBrowser)
                Browser.Open(page, Terminal.Error);
            return 0;
        };
    }

    static string NameOf(ParseResult parsed, Argument<string> argument) =>
        parsed.GetValue(argument) is { Length: > 0 } name
            ? name
            : throw new UsageException(
                $"the name of trace {argument.Name} is empty, expected that of a trace.json or flow.json.");

    // Two files of one kind, and what is made of them.
    static Compared Pair(string nameA, string nameB, ComparePageOptions look)
    {
        var (bytesA, bytesB) = (Read(nameA), Read(nameB));
        var (isFlowA, isFlowB) = (IsFlow(bytesA, nameA), IsFlow(bytesB, nameB));
        if (isFlowA != isFlowB)
        {
            // What is no trace either is said first.
            var (flow, (bytes, trace)) = isFlowA ? (nameA, (bytesB, nameB)) : (nameB, (bytesA, nameA));
            TraceOf(bytes, trace);
            throw new InvalidDataException(
                $"{flow}: is a flow through all layers, and {trace} a trace of one layer, whose shares do not measure "
                + "the same; compare two of one kind.");
        }

        return isFlowA ? Flows() : Traces();

        Compared Flows()
        {
            var a = FlowJson.Read(new MemoryStream(bytesA), nameA);
            var b = FlowJson.Read(new MemoryStream(bytesB), nameB);
            return new(
                ComparePage.AreEqual(a, b) ? "The flows are equal." : null, [],
                () => ComparePage.Render(a, b, look), () => ComparePage.ToSvg(a, b, look),
                () => CompareJson.Write(a, b, look));
        }

        Compared Traces()
        {
            var (a, b) = (TraceOf(bytesA, nameA), TraceOf(bytesB, nameB));
            return new(
                ComparePage.AreEqual(a, b) ? "The traces are equal." : null, [.. CompareReport.Lines(a, b)],
                () => ComparePage.Render(a, b, look), () => ComparePage.ToSvg(a, b, look),
                () => CompareJson.Write(a, b, look));
        }
    }

    static byte[] Read(string path)
    {
        if (Directory.Exists(path))
            throw new IOException($"{path}: a folder, expected a trace.json or flow.json; give the file in it.");
        try
        {
            return InputFile.Read(path, MostBytes);
        }
        catch (FileNotFoundException missing)
        {
            throw new FileNotFoundException(
                $"{path}: no such file, expected the trace.json or flow.json that 'ratilgpu trace' wrote.", missing);
        }
    }

    static TraceResult TraceOf(byte[] json, string path)
    {
        try
        {
            return TraceJson.Read(new MemoryStream(json), path);
        }
        catch (InvalidDataException fault) when (KindOf(json) is { } kind)
        {
            throw new InvalidDataException(
                $"{path}: is a JSON file of the kind {OneLine.Quote(kind)}, expected the trace.json of one trace, or "
                + "the flow.json of one flow.",
                fault);
        }
    }

    // A file that is no JSON is read as a trace, whose reader says what is wrong.
    static bool IsFlow(byte[] json, string path)
    {
        try
        {
            return FlowJson.IsFlow(json, path);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    // The other commands write files that look much like it.
    static string? KindOf(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("kind", out var kind) ? kind.GetString() : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>What is made of two files.</summary>
/// <param name="Equal">The sentence that they are equal; null if they are not.</param>
/// <param name="Lines">The lines about what explains their links; none where nothing does.</param>
/// <param name="Page">Makes the page.</param>
/// <param name="Svg">Makes the figure.</param>
/// <param name="Json">Makes the JSON.</param>
sealed record Compared(
    string? Equal, ImmutableArray<string> Lines, Func<HtmlPage> Page, Func<string> Svg, Func<string> Json);
