namespace RatIlgpu.Cli;

/// <summary>Prints a trace.</summary>
static class TraceReport
{
    // A prompt of many pages would push the paths off the screen.
    const int MostTokens = 120;

    public static void Print(
        ImmutableArray<TraceResult> results, LanguageModel model, int promptLength, TextWriter output)
    {
        var result = results[0];
        ReportHead.PrintModel(output, model, "Traced  ".Length);
        output.WriteLine($"Tokens  {List(result, promptLength)}");
        if (result.Tokens.Length > promptLength)
            output.WriteLine($"Then    {OneLine.Escape(Written(result, model, promptLength))}");
        output.WriteLine(
            $"Traced  {PathText.Token(result.Tokens[result.TargetPosition])} at position {result.TargetPosition}, "
            + $"{Layers(results)} (of 0 to {result.Model.LayerCount - 1}), heads {result.Options.Heads}");
        foreach (var notice in result.Notices)
            output.WriteLine($"Note    {OneLine.Escape(notice)}");
        foreach (var one in results)
        {
            output.WriteLine();
            if (results.Length > 1)
                output.WriteLine($"Layer {one.Layer}");
            for (var i = 0; i < one.PathTexts.Length; i++)
                output.WriteLine($"{i + 1,3}.  {one.PathTexts[i]}");
        }
    }

    static string Layers(ImmutableArray<TraceResult> results) => results.Length == 1
        ? $"layer {results[0].Layer}"
        : $"layers {string.Join(", ", results.Select(result => result.Layer))}";

    static string Written(TraceResult result, LanguageModel model, int promptLength) =>
        model.Tokenizer.Decode([.. result.Tokens.Skip(promptLength).Select(token => token.Id)]);

    static string List(TraceResult result, int promptLength)
    {
        var tokens = result.Tokens;
        string Token(int position) => $"{(position == promptLength ? "| " : "")}{PathText.Token(tokens[position])}";
        var shown = Math.Min(tokens.Length, MostTokens);
        var rest = tokens.Length > shown ? $" … and {tokens.Length - shown} more" : "";
        return $"{tokens.Length}: {string.Join(' ', Enumerable.Range(0, shown).Select(Token))}{rest}";
    }
}
