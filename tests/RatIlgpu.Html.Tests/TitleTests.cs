namespace RatIlgpu.Html.Tests;

/// <summary>Titles of files and command lines, which could turn the text of a page around or hide some of it.</summary>
public sealed class TitleTests
{
    const string Hostile = "a\u202eb\u2066\u200b\n\u061cc";

    const string Shown = "a⟨202E⟩b⟨2066⟩⟨200B⟩↵⟨061C⟩c";

    public static TheoryData<string> Pages => [.. All.Keys];

    static Dictionary<string, Func<string?, string>> All { get; } = new()
    {
        ["trace"] = title => TracePage.Render(Trace(title), new() { Title = title }).Html,
        ["trace of a file"] = title => TracePage.Render(Trace(title), new()).Html,
        ["trace figure"] = title => TracePage.ToSvg(Trace(title), new() { Title = title }),
        ["comparison"] = title => ComparePage.Render(Trace(title), Trace(title), new() { Title = title }).Html,
        ["comparison of files"] = title => ComparePage.Render(Trace(title), Trace(title), new()).Html,
        ["comparison figure"] = title => ComparePage.ToSvg(Trace(title), Trace(title), new() { Title = title }),
        ["patches"] = title => PatchPage.Render(Paths, new() { Title = title }).Html,
        ["patch figure"] = title => PatchPage.ToSvg(Paths, new() { Title = title }),
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public void What_cannot_be_seen_is_shown_as_in_tokens(string page)
    {
        var text = All[page](Hostile);
        Assert.Contains($"<title>{Shown}</title>", text, StringComparison.Ordinal);
        if (text.StartsWith("<!doctype", StringComparison.Ordinal))
            Assert.Contains($"<h1>{Shown}</h1>", text, StringComparison.Ordinal);
        foreach (var raw in (string[])["\u202e", "&#x202E;", "\u2066", "&#x2066;", "\u200b", "&#x200B;", "&#x61C;"])
            Assert.DoesNotContain(raw, text, StringComparison.OrdinalIgnoreCase);
    }

    static PatchSheet Paths => SamplePatches.Paths(2, 2, SamplePatches.PathEffect);

    static TraceResult Trace(string? title) =>
        SampleTrace.FivePaths() with { Origin = new() { Title = title, Command = "ratilgpu trace" } };
}
