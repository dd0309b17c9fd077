using RatIlgpu.Html;

namespace RatIlgpu.Cli;

/// <summary>Shows two traces on one page.</summary>
sealed class CompareCommand : TerminalCommand
{
    // Ten times the size of a trace of 100,000 tokens and 1,000 paths.
    const int MostBytes = 1 << 28;

    readonly Argument<string> a = new("A") { Description = "The trace.json of the first trace." };
    readonly Argument<string> b = new("B") { Description = "The trace.json of the second trace." };

    readonly CliOption<string> output = new("--output, -o", "folder", "The folder for compare.html.", "output");

    readonly CliOption<bool> openBrowser = new("--open-browser", "Open the page when it is written.");

    public CompareCommand(Terminal terminal)
        : base(
            "compare", "Show two traces on one page, to one scale: of two prompts, layers, heads or models.", terminal)
    {
        Arguments.Add(a);
        Arguments.Add(b);
        AddAll(output, openBrowser);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var (nameA, nameB) = (parsed.GetValue(a)!, parsed.GetValue(b)!);
        var folder = OutputFolder.For(parsed.GetValue(output)!, "compare.html");
        var (traceA, traceB, html) = Abandonable.Run(cancellation, () =>
        {
            var (left, right) = (Read(nameA), Read(nameB));
            return (left, right, ComparePage.Render(left, right, new() { NameA = nameA, NameB = nameB }));
        });
        var page = folder.Write("compare.html", html.Html);
        if ((traceA with { Notices = [] }).Equals(traceB with { Notices = [] }))
            Terminal.Output.WriteLine("The traces are equal.");
        Terminal.Output.WriteLine($"Wrote {OneLine.Escape(page)}");
        if (parsed.GetValue(openBrowser))
            Browser.Open(page, Terminal.Error);
        return 0;
    }

    static TraceResult Read(string path)
    {
        if (path.Length == 0)
            throw new UsageException("the name of a trace is empty, expected that of a trace.json.");
        if (Directory.Exists(path))
            throw new IOException($"{path}: a folder, expected a trace.json; give the file in it.");
        try
        {
            return TraceJson.Read(new MemoryStream(InputFile.Read(path, MostBytes)), path);
        }
        catch (FileNotFoundException missing)
        {
            throw new FileNotFoundException(
                $"{path}: no such file, expected the trace.json that 'ratilgpu trace' wrote.", missing);
        }
    }
}
