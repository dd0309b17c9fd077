using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Heads;

/// <summary>Prints an atlas: the roles by layer, and the strongest heads of the scores that decide them.</summary>
static class AtlasReport
{
    const int MostNamed = 5, Indent = 2;

    // The least that is not 0.00 in print.
    const double LeastShown = 0.005;

    /// <summary>Prints an atlas.</summary>
    public static void Print(HeadAtlas atlas, TextWriter output)
    {
        PrintManifest(atlas.Manifest, output);
        output.WriteLine();
        PrintRoles(atlas, output);
        output.WriteLine();
        PrintStrongest(atlas, output);
    }

    /// <summary>Prints the scores of one head.</summary>
    public static void Print(HeadAtlas atlas, HeadIndex which, TextWriter output)
    {
        var head = atlas[which];
        PrintManifest(atlas.Manifest, output);
        output.WriteLine();
        output.WriteLine(Text($"{head.Head}, which reads key/value head {head.KeyValueHead}: ")
            + (head.Roles.IsEmpty ? "no role" : string.Join(", ", head.Roles.Select(role => Role(role, head)))));
        output.WriteLine();
        var width = atlas.Scores.Max(score => score.Id.Length);
        output.WriteLine($"  {"score".PadRight(width)}      raw   chance   excess  95 % interval    no sink  no self");
        foreach (var definition in atlas.Scores)
            if (head.Scores.TryGetValue(definition.Id, out var score))
                output.WriteLine(
                    $"  {definition.Id.PadRight(width)} {Number(score.Raw)} {Number(score.Chance)} "
                    + $"{Number(score.Excess)}  {Interval(score),-15}{Number(score.WithoutFirst)} "
                    + Number(score.WithoutSelf));
    }

    /// <summary>Prints what an atlas was made of.</summary>
    public static void PrintManifest(AtlasManifest manifest, TextWriter output)
    {
        output.WriteLine(ReportHead.Line("Model", manifest.Model
            + $": {CountText.Of(manifest.LayerCount, "layer")}, {CountText.Of(manifest.HeadCount, "head")} each, "
            + $"{CountText.Of(manifest.KeyValueHeadCount, "key/value head")} each"));
        output.WriteLine(ReportHead.Line("Device", manifest.Device));
        output.WriteLine(ReportHead.Line("Rules", Text($"{Words.Of(manifest.Profile)}, seed {manifest.Seed}")));
        output.WriteLine(ReportHead.Line("Sequences", string.Join(", ", manifest.Units.Select(unit =>
            Text($"{unit.Value} of {Words.Of(unit.Key)}"))) + $"; texts: {manifest.Texts}"));
        foreach (var warning in manifest.ShortWarnings)
            output.WriteLine(ReportHead.Line("Warning", warning));
        if (manifest.ShortWarnings.Length < manifest.Warnings.Length)
            output.WriteLine(ReportHead.Line("", Text($"the JSON has all {manifest.Warnings.Length} warnings.")));
    }

    static void PrintRoles(HeadAtlas atlas, TextWriter output)
    {
        output.WriteLine("  Roles of heads, with the lower end of the 95 % interval of the score above chance"
            + (atlas.Manifest.Profile == ScoreProfile.Pr403 ? "; of delimiters, their score:" : ":"));
        foreach (var layer in atlas.Heads.Where(head => !head.Roles.IsEmpty).GroupBy(head => head.Head.Layer))
            foreach (var (place, head) in layer.Index())
                output.WriteLine(
                    (place == 0 ? Text($"  layer {layer.Key,-3}") : new string(' ', Indent + 9))
                    + Text($" {head.Head,-7}") + string.Join(", ", head.Roles.Select(role => Role(role, head))));
        var without = atlas.Heads.Count(head => head.Roles.IsEmpty);
        if (without > 0)
            output.WriteLine(
                Text($"  {without} of {atlas.Heads.Length} heads {(without == 1 ? "has" : "have")} none."));
    }

    static void PrintStrongest(HeadAtlas atlas, TextWriter output)
    {
        output.WriteLine(
            "  The strongest heads of the scores that decide roles: the score above chance, and its interval:");
        var deciding = atlas.DecidingScores;
        var width = deciding.Select(score => score.Id.Length).DefaultIfEmpty().Max();
        foreach (var definition in deciding)
        {
            var best = atlas.Heads.Where(head => head.Scores.ContainsKey(definition.Id))
                .Select(head => (head.Head, Score: head.Scores[definition.Id]))
                .Select(one => (one.Head, one.Score, Least: one.Score.Low ?? one.Score.Excess))
                .Where(one => one.Least >= LeastShown).OrderByDescending(one => one.Least).Take(MostNamed)
                .Select(one => Text($"{one.Head} {Short(one.Score.Excess)} {Interval(one.Score)}").TrimEnd()).ToList();
            output.WriteLine($"  {definition.Id.PadRight(width)}  "
                + (best.Count == 0 ? "no head is clearly above chance" : string.Join("  ", best)));
        }

        output.WriteLine("  The files have all scores of all heads; 'ratilgpu heads show' prints those of one.");
    }

    static string Role(RoleLabel role, AtlasHead head) => Words.Of(role.Role)
        + (role.Role == HeadRole.Positional ? Text($" {head.PeakOffset} back") : "")
        + Text($" {role.Confidence:F2}")
        + (role.Verdict is { } verdict
            ? $" ({(verdict == CausalVerdict.None ? "no effect" : Words.Of(verdict))})"
            : "");

    static string Interval(HeadScore score) =>
        score is { Low: { } low, High: { } high } ? $"[{Short(low)}, {Short(high)}]" : "";

    static string Number(double? number) =>
        (number is { } some && double.IsFinite(some) ? WithoutSign(Text($"{some:F3}")) : "-").PadLeft(8);

    static string Short(double number) => WithoutSign(Text($"{number:F2}"));

    // Of what is 0 in print.
    static string WithoutSign(string number) => number.AsSpan().IndexOfAnyInRange('1', '9') < 0
        ? number.TrimStart('-')
        : number;

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
