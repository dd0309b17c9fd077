using System.Text;
using System.Text.Json;
using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli;

/// <summary>Shows two traces on one page.</summary>
sealed class CompareCommand : TerminalCommand
{
    // Ten times the size of a trace of 100,000 tokens and 1,000 paths.
    const int MostBytes = 1 << 28;

    const string Page = "compare.html";

    readonly CliOptions options;
    readonly Argument<string> a = new("A") { Description = "The trace.json of the first trace." };
    readonly Argument<string> b = new("B") { Description = "The trace.json of the second trace." };

    public CompareCommand(Terminal terminal, CliOptions options)
        : base(
            "compare", "Show two traces on one page, to one scale: of two prompts, layers, heads or models.", terminal)
    {
        this.options = options;
        Arguments.Add(a);
        Arguments.Add(b);
        AddAll(options.Output, options.OpenBrowser, options.Title, options.Theme, options.Json, options.Svg);
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Two traces, such as of two prompts:", "first/trace.json second/trace.json"),
        ("Two layers of one trace of several:", "output/trace-L0.json output/trace-L3.json"),
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
        OutputTargets.Check(parsed, options, name => name == Page);
        foreach (var input in (string[])[nameA, nameB])
            foreach (var option in (CliOption<string?>[])[options.Json, options.Svg])
                if (parsed.Get(option) is { } file && Path.GetFullPath(file) == Path.GetFullPath(input))
                    throw new UsageException(
                        $"{option.Name} names one of the traces that are compared; give another file.");
        var (output, opensBrowser) = (parsed.Get(options.Output)!, parsed.Get(options.OpenBrowser));
        var svg = SvgOutput.Read(parsed, options);
        return cancellation =>
        {
            json.Try();
            svg.Try();
            var folder = OutputFolder.For(output, Page);
            var (traceA, traceB, html) = Abandonable.Run(cancellation, () =>
            {
                var (left, right) = (Read(nameA), Read(nameB));
                return (left, right, ComparePage.Render(left, right, look));
            });
            var page = folder.Write(Page, stream => stream.Write(Encoding.UTF8.GetBytes(html.Html)));
            if (ComparePage.AreEqual(traceA, traceB))
                json.Report.WriteLine("The traces are equal.");
            json.Report.WriteLine($"Wrote {OneLine.Escape(page)}");
            svg.Write(() => ComparePage.ToSvg(traceA, traceB, look), json.Report);
            json.Write(() => CompareJson.Write(traceA, traceB, look));
            if (opensBrowser)
                Browser.Open(page, Terminal.Error);
            return 0;
        };
    }

    static string NameOf(ParseResult parsed, Argument<string> argument) =>
        parsed.GetValue(argument) is { Length: > 0 } name
            ? name
            : throw new UsageException($"the name of trace {argument.Name} is empty, expected that of a trace.json.");

    static TraceResult Read(string path)
    {
        if (Directory.Exists(path))
            throw new IOException($"{path}: a folder, expected a trace.json; give the file in it.");
        try
        {
            return TraceJson.Read(new MemoryStream(InputFile.Read(path, MostBytes)), path);
        }
        catch (InvalidDataException fault) when (KindOf(path) is { } kind)
        {
            throw new InvalidDataException(
                $"{path}: is a JSON file of the kind {OneLine.Quote(kind)}, expected the trace.json of one trace.",
                fault);
        }
        catch (FileNotFoundException missing)
        {
            throw new FileNotFoundException(
                $"{path}: no such file, expected the trace.json that 'ratilgpu trace' wrote.", missing);
        }
    }

    // The other commands write files that look much like it.
    static string? KindOf(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(InputFile.Read(path, MostBytes));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("kind", out var kind) ? kind.GetString() : null;
        }
        catch (Exception fault) when (fault is JsonException or IOException or InvalidDataException
            or InvalidOperationException)
        {
            return null;
        }
    }
}
