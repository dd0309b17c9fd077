namespace RatIlgpu.Analysis;

/// <summary>Writes what differs between two checkpoints as JSON; docs/diff.md describes the file.</summary>
public static class DiffJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="diff">What differs.</param>
    /// <param name="origin">What made it; null if unknown.</param>
    public static string Write(CheckpointDiff diff, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, diff, origin));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="diff">What differs.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made it; null if unknown.</param>
    public static void Write(CheckpointDiff diff, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, diff, origin));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="diff">What differs.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made it; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(CheckpointDiff diff, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, diff, origin));

    static void Write(Utf8JsonWriter json, CheckpointDiff diff, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(
            json, "diff", $"{diff.A.Name} → {diff.B.Name}",
            (diff.LayerCount, diff.HeadCount, diff.KeyValueHeadCount), origin);
        WriteModel(json, "a", diff.A);
        WriteModel(json, "b", diff.B);
        json.WriteBoolean("are_equal", diff.AreEqual);
        AnalysisJson.WriteList(
            json, "warnings", diff.Warnings, one => json.WriteStringValue(AnalysisJson.WellFormed(one)));
        AnalysisJson.WriteObjects(json, "weights", diff.Weights, weight => WriteWeight(json, weight));
        if (diff.Texts is { } texts)
            WriteTexts(json, texts);
        else
            json.WriteNull("texts");
        if (diff.Scores is { } scores)
            WriteScores(json, scores);
        else
            json.WriteNull("scores");
    }

    static void WriteModel(Utf8JsonWriter json, string name, DiffModel model)
    {
        json.WriteStartObject(name);
        json.WriteString("name", AnalysisJson.WellFormed(model.Name));
        json.WriteString("fingerprint", model.Fingerprint);
        json.WriteEndObject();
    }

    static void WriteWeight(Utf8JsonWriter json, WeightChange weight)
    {
        json.WriteString("name", weight.Name);
        json.WriteString("part", AnalysisJson.Name(weight.Part));
        AnalysisJson.WriteNumber(json, "layer", weight.Layer);
        json.WriteNumber("rows", weight.Rows);
        json.WriteNumber("columns", weight.Columns);
        json.WriteString("format_a", AnalysisJson.Name(weight.FormatA));
        json.WriteString("format_b", AnalysisJson.Name(weight.FormatB));
        WriteBlock(json, weight.Whole);
        AnalysisJson.WriteObjects(json, "heads", weight.Heads, block => WriteBlock(json, block));
    }

    static void WriteBlock(Utf8JsonWriter json, BlockChange block)
    {
        AnalysisJson.WriteNumber(json, "relative", block.Relative);
        AnalysisJson.WriteNumber(json, "norm", block.Norm);
        AnalysisJson.WriteNumber(json, "norm_before", block.NormBefore);
        AnalysisJson.WriteNumber(json, "rank", block.Rank);
        AnalysisJson.WriteNumber(json, "effective_rank", block.EffectiveRank);
    }

    static void WriteTexts(Utf8JsonWriter json, TextDivergence found)
    {
        json.WriteStartObject("texts");
        json.WriteString("origin", AnalysisJson.WellFormed(found.Origin));
        json.WriteNumber("positions", found.PositionCount);
        AnalysisJson.WriteNumber(json, "mean_kl", found.MeanKl);
        AnalysisJson.WriteNumber(json, "loss_a", found.LossA);
        AnalysisJson.WriteNumber(json, "loss_b", found.LossB);
        AnalysisJson.WriteObjects(json, "heads", found.Heads, head =>
        {
            json.WriteString("head", head.Head.ToString());
            json.WriteNumber("queries", head.Count);
            WriteDivergence(json, "mean", head.Mean);
            WriteDivergence(json, "most", head.Most);
        });
        AnalysisJson.WriteList(json, "cosines", found.Cosines, json.WriteNumberValue);
        AnalysisJson.WriteObjects(json, "predictions", found.Predictions, one =>
        {
            json.WriteNumber("text", one.Text);
            json.WriteNumber("position", one.Position);
            AnalysisJson.WriteNumber(json, "kl", one.Kl);
            WriteToken(json, "a", one.A);
            WriteToken(json, "b", one.B);
        });
        AnalysisJson.WriteObjects(json, "sequences", found.Texts, text =>
        {
            json.WriteString("name", AnalysisJson.WellFormed(text.Name));
            AnalysisJson.WriteList(json, "ids", text.Tokens, token => json.WriteNumberValue(token.Id));
            AnalysisJson.WriteList(
                json, "tokens", text.Tokens, token => json.WriteStringValue(AnalysisJson.WellFormed(token.Text)));
            AnalysisJson.WriteList(json, "kl", text.Kl, json.WriteNumberValue);
        });
        json.WriteEndObject();
    }

    static void WriteDivergence(Utf8JsonWriter json, string name, PatternDivergence found)
    {
        json.WriteStartObject(name);
        AnalysisJson.WriteNumber(json, "jensen_shannon", found.JensenShannon);
        AnalysisJson.WriteNumber(json, "total_variation", found.TotalVariation);
        json.WriteEndObject();
    }

    static void WriteToken(Utf8JsonWriter json, string name, DiffToken token)
    {
        json.WriteStartObject(name);
        json.WriteNumber("id", token.Token.Id);
        json.WriteString("text", AnalysisJson.WellFormed(token.Token.Text));
        AnalysisJson.WriteNumber(json, "probability_a", token.ChanceA);
        AnalysisJson.WriteNumber(json, "probability_b", token.ChanceB);
        json.WriteEndObject();
    }

    static void WriteScores(Utf8JsonWriter json, ScoreChanges scores)
    {
        json.WriteStartObject("scores");
        AnalysisJson.WriteObjects(json, "changes", scores.Changes, change =>
        {
            json.WriteString("head", change.Head.ToString());
            json.WriteString("score", change.ScoreId);
            AnalysisJson.WriteNumber(json, "difference", change.Difference);
            if (change.Differs is { } differs)
                json.WriteBoolean("differs", differs);
            else
                json.WriteNull("differs");
            WriteScore(json, "a", change.A);
            WriteScore(json, "b", change.B);
        });
        AnalysisJson.WriteObjects(json, "roles", scores.Roles, role =>
        {
            json.WriteString("head", role.Head.ToString());
            json.WriteString("role", AnalysisJson.Name(role.Label.Role));
            json.WriteBoolean("is_gained", role.IsGained);
            json.WriteString("score", role.Label.ScoreId);
            AnalysisJson.WriteNumber(json, "confidence", role.Label.Confidence);
        });
        json.WriteEndObject();
    }

    static void WriteScore(Utf8JsonWriter json, string name, HeadScore score)
    {
        json.WriteStartObject(name);
        AnalysisJson.WriteNumber(json, "raw", score.Raw);
        AnalysisJson.WriteNumber(json, "excess", score.Excess);
        AnalysisJson.WriteNumber(json, "lo", score.Low);
        AnalysisJson.WriteNumber(json, "hi", score.High);
        json.WriteEndObject();
    }
}
