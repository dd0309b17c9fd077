using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>Makes the blocks of data of a page of several traces: a plan of the views, and a block for each prompt,
/// view and file, which the script decodes when it is asked for.</summary>
static class ViewBlocks
{
    public static IEnumerable<DataBlock> Of(TraceViews views)
    {
        yield return DataBlock.Json("data", json => WritePlan(
            json, views.Prompts, index => views.Prompts[index].Results.Select(PromptRow.Of), views.AreExplained));
        foreach (var (index, prompt) in views.Prompts.Index())
        {
            yield return DataBlock.Json($"prompt-{index}", json => WritePrompt(json, prompt));
            foreach (var (view, result) in prompt.Results.Index())
                yield return DataBlock.Json(
                    $"view-{prompt.First + view}", json => WriteView(json, result, prompt.First + view));
            foreach (var file in SharedText.Blocks(
                $"file-{index}", prompt.Results.Select(result => new TraceView(result).Exported())))
                yield return file;
        }
    }

    /// <summary>Writes the plan of the views of a page.</summary>
    /// <param name="json">The block.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="rowsOf">Returns the rows of a prompt in the table of prompts, one for each of its views.</param>
    /// <param name="areExplained">Whether links are explained.</param>
    public static void WritePlan(
        Utf8JsonWriter json, IReadOnlyList<PromptPlan> prompts, Func<int, IEnumerable<PromptRow>> rowsOf,
        bool areExplained = false)
    {
        json.WriteStartObject();
        TraceData.WriteDrawing(json);
        if (areExplained)
            json.WriteBoolean("explained", true);
        TraceData.Array(json, "prompts", prompts.Index(), at =>
        {
            var prompt = at.Item;
            json.WriteStartObject();
            json.WriteNumber("number", prompt.Number);
            json.WriteNumber("first", prompt.First);
            json.WriteString("label", prompt.Label);
            TraceData.Array(json, "targets", prompt.Targets, json.WriteNumberValue);
            TraceData.Array(json, "layers", prompt.Layers, json.WriteNumberValue);
            TraceData.Array(json, "heads", prompt.Heads, heads => json.WriteStringValue(heads.ToString()));
            if (prompts.Count > 1)
                TraceData.Array(json, "rows", rowsOf(at.Index), row => WriteRow(json, row));
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    /// <summary>Writes what stands above the controls of a view.</summary>
    public static void WriteHead(
        Utf8JsonWriter json, IEnumerable<(string Name, string Value)> facts, IEnumerable<string> notices)
    {
        TraceData.Array(json, "facts", facts, fact =>
        {
            json.WriteStartArray();
            json.WriteStringValue(fact.Name);
            json.WriteStringValue(fact.Value);
            json.WriteEndArray();
        });
        TraceData.Array(json, "notices", notices, notice => json.WriteStringValue(TraceWords.Notice(notice)));
    }

    static void WriteRow(Utf8JsonWriter json, PromptRow row)
    {
        json.WriteStartArray();
        json.WriteStringValue(row.Token);
        WriteNumber(json, row.Part);
        json.WriteStringValue(row.Path);
        WriteNumber(json, row.Number);
        json.WriteEndArray();
    }

    static void WritePrompt(Utf8JsonWriter json, PromptViews prompt)
    {
        json.WriteStartObject();
        TraceData.WriteTokens(json, prompt.Results[0].Tokens, prompt.Results[0].PromptLength);
        json.WriteEndObject();
    }

    static void WriteView(Utf8JsonWriter json, TraceResult result, int index)
    {
        var view = new TraceView(result);
        json.WriteStartObject();
        json.WriteNumber("view", index);
        view.WriteMembers(json);
        WriteHead(json, TraceWords.Facts(result), view.Result.Notices);
        json.WriteEndObject();
    }

    static void WriteNumber(Utf8JsonWriter json, double? number)
    {
        if (number is { } value)
            json.WriteNumberValue(SankeyJson.Short(value));
        else
            json.WriteNullValue();
    }
}

/// <summary>What the table of prompts says about a result.</summary>
/// <param name="Token">The likeliest next token, or the one that most comes from; empty if unknown.</param>
/// <param name="Part">Its probability, or its share, in [0, 1]; null if unknown.</param>
/// <param name="Path">The best path, the earliest token first; empty if there is none.</param>
/// <param name="Number">The score of this path, or its probability; null if there is none.</param>
readonly record struct PromptRow(string Token, double? Part, string Path, double? Number)
{
    /// <summary>The largest number of characters of a token; a cell stays short.</summary>
    public const int LongestToken = 18;

    public static PromptRow Of(TraceResult result)
    {
        var predicted = result.Predictions.FirstOrDefault();
        var best = result.Paths.FirstOrDefault();
        return new(
            predicted is null ? "" : TokenGlyphs.Show(predicted.Token, LongestToken),
            predicted?.Probability,
            best is null ? "" : RouteOf(result, best),
            best?.Score);
    }

    /// <summary>Returns the tokens of a path, the earliest first.</summary>
    public static string RouteOf(TraceResult result, BeamPath path) => string.Join(
        " → ", path.Positions.Reverse().Select(position =>
            TraceWords.Isolated(TokenGlyphs.Show(result.Tokens[position], LongestToken))));
}
