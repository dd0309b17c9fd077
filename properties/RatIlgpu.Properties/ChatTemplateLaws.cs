namespace RatIlgpu.Properties;

/// <summary>Damaged chat templates are rendered or refused, in bounded time and memory.</summary>
[Properties(Arbitrary = [typeof(ChatTemplateLaws)])]
public sealed class ChatTemplateLaws
{
    const long MostAllocated = 64 << 20;

    static readonly string[] Files =
        [.. Directory.EnumerateFiles(Repository.Path("tests", "chat", "templates"), "*.jinja").Order()];

    static readonly string[] Words =
    [
        "{{", "}}", "{%", "%}", "{%-", "-%}", "{#", "#}", "(", ")", "[", "]", "[::-1]", "[1:]", ".", "|", " | tojson",
        " | map(attribute='role') | list", "'", "\"", "\\", "+", "-", "*", "//", "%", "~", "==", " not ", " in ",
        " is ", " if ", " else ", "0", "99999999", "{% for x in range(99999) %}", "{% endfor %}", "{% endif %}",
        "{% set messages = messages + messages %}", "{% set x = messages %}", "{% macro m() %}{{ m() }}{% endmacro %}",
        "{{ m() }}", "{{ loop }}", "{{ messages }}", "none", "namespace(", "range(", ".split('", ".items()", "messages",
    ];

    static readonly ChatMessage[] Chat =
    [
        new("system", "Be brief."),
        new("user", "Hi 🙂"),
        new("assistant", "<think>\nx\n</think>\n\ny"),
        new("user", ""),
    ];

    internal static Arbitrary<DamagedTemplate> Damages { get; } = Arb.From(
        from file in Gen.Elements(Files)
        from damage in Damage.Cases.Generator
        from words in Insertion.ListOf()
        select new DamagedTemplate(Path.GetFileName(file), damage, [.. words.Take(3)]),
        one => [.. Damage.Cases.Shrinker(one.Damage).Select(damage => one with { Damage = damage }),
            .. one.Words.Count > 0 ? [one with { Words = [.. one.Words.Skip(1)] }] : Array.Empty<DamagedTemplate>()]);

    static Gen<(int Where, string Word)> Insertion =>
        Gen.Choose(0, 1 << 20).SelectMany(at => Gen.Elements(Words).Select(word => (at, word)));

    [Law(2000)]
    public void A_damaged_template_is_rendered_or_refused(DamagedTemplate damaged)
    {
        var source = damaged.Source();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            ChatTemplate.Parse(source, "file", ChatTokens.None, JinjaCase.Clock).Format(Chat);
        }
        catch (Exception refused) when (refused is InvalidDataException or ArgumentException)
        {
            Assert.StartsWith("file: ", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
    }

    public sealed record DamagedTemplate(string File, Damage Damage, IReadOnlyList<(int Where, string Word)> Words)
    {
        public string Source()
        {
            var bytes = System.IO.File.ReadAllBytes(Repository.Path("tests", "chat", "templates", File));
            var text = Encoding.UTF8.GetString(Damage.Apply(bytes));
            foreach (var (where, word) in Words)
                text = text.Insert(where % (text.Length + 1), word);
            return text;
        }

        public override string ToString() => $"{File}: {Damage}; {string.Join(", ", Words)}";
    }
}
