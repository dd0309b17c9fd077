using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Writes the data of a page of two checkpoints.</summary>
sealed class DiffBlocks(CheckpointDiff diff, ImmutableArray<DiffMeasure> measures, DiffPageOptions options)
{
    readonly TokenTable tokens = TokensOf(diff);

    /// <summary>Returns the blocks: the numbers that the page shows, and the file that it exports.</summary>
    public IEnumerable<DataBlock> All()
    {
        yield return DataBlock.Json("data", Write);
        yield return DataBlock.Compressed("file", DiffJson.Write(diff, options.Origin));
    }

    void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("layers", diff.LayerCount);
        json.WriteNumber("heads", diff.HeadCount);
        json.WriteNumber("groups", diff.KeyValueHeadCount);
        json.WriteNumber("mostRank", BlockChange.MostRank);
        json.WriteString("opening", DiffMeasure.Opening(measures)?.Id ?? "");
        TraceData.Array(json, "measures", measures, measure => WriteMeasure(json, measure));
        WriteWeights(json);
        WriteRoles(json);
        if (diff.Texts is { } texts)
            WriteTexts(json, texts);
        json.WriteEndObject();
    }

    void WriteMeasure(Utf8JsonWriter json, DiffMeasure measure)
    {
        json.WriteStartObject();
        json.WriteString("id", measure.Id);
        json.WriteString("name", measure.Name);
        json.WriteString("meaning", measure.Meaning);
        json.WriteBoolean("signed", measure.IsSigned);
        json.WriteBoolean("percent", measure.IsPercent);
        Numbers(json, "values", measure.Values);
        if (measure.Part is { } part)
        {
            var blocks = DiffMeasure.All(diff).Select(head => diff.BlockOf(head, part)).ToList();
            Numbers(json, "norms", blocks.Select(block => block?.Norm));
            // −1 for more than are looked for.
            Numbers(json, "ranks", blocks.Select(block => block is { } some ? some.Rank ?? -1 : (double?)null));
            Numbers(json, "effective", blocks.Select(block => block?.EffectiveRank));
        }

        if (measure.ScoreId is { } score)
            WriteScores(json, score);
        if (measure.Id == "js")
            Numbers(json, "most", diff.Texts!.Heads.Items.Select(head => (double?)head.Most.JensenShannon));
        if (measure.Id == "moved")
            Numbers(json, "most", diff.Texts!.Heads.Items.Select(head => (double?)head.Most.TotalVariation));
        json.WriteEndObject();
    }

    // Of each head: excess, low and high of A, the same of B, and whether they differ.
    void WriteScores(Utf8JsonWriter json, string score)
    {
        var found = diff.Scores!.Changes.Where(change => change.ScoreId == score)
            .ToDictionary(change => change.Head);
        TraceData.Array(json, "both", DiffMeasure.All(diff), head =>
        {
            if (found.TryGetValue(head, out var one))
                List(json,
                [
                    one.A.Excess, one.A.Low, one.A.High, one.B.Excess, one.B.Low, one.B.High,
                    one.Differs is { } differs ? (differs ? 1 : 0) : null,
                ]);
            else
                json.WriteNullValue();
        });
    }

    void WriteWeights(Utf8JsonWriter json)
    {
        TraceData.Array(json, "parts", PartsOf(diff), part => json.WriteStringValue(DiffWords.NameOf(part)));
        TraceData.Array(json, "weights", diff.Weights, weight =>
        {
            json.WriteStartObject();
            json.WriteString("name", weight.Name);
            json.WriteString("title", DiffWords.NameOf(weight.Part));
            if (weight.Layer is { } layer)
            {
                json.WriteNumber("layer", layer);
                json.WriteNumber("part", PartsOf(diff).IndexOf(weight.Part));
            }

            json.WriteString("shape", FormattableString.Invariant($"{weight.Rows} × {weight.Columns}"));
            json.WriteString("formats", weight.FormatA == weight.FormatB
                ? $"{weight.FormatA}"
                : $"{weight.FormatA} → {weight.FormatB}");
            json.WriteStartArray("numbers");
            foreach (var number in new[]
            {
                weight.Whole.Relative, weight.Whole.Norm, weight.Whole.NormBefore, weight.Whole.Rank ?? -1,
                weight.Whole.EffectiveRank,
            })
                Number(json, number);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>Returns the parts that layers have, in the order of a run.</summary>
    public static ImmutableArray<WeightPart> PartsOf(CheckpointDiff diff) =>
        [.. diff.Weights.Where(weight => weight.Layer is not null).Select(weight => weight.Part).Distinct().Order()];

    void WriteRoles(Utf8JsonWriter json) => TraceData.Array(json, "roles", diff.Scores?.Roles ?? [], role =>
    {
        json.WriteStartArray();
        json.WriteNumberValue((role.Head.Layer * diff.HeadCount) + role.Head.Head);
        json.WriteStringValue(AtlasWords.NameOf(role.Label.Role));
        json.WriteBooleanValue(role.IsGained);
        json.WriteEndArray();
    });

    void WriteTexts(Utf8JsonWriter json, TextDivergence texts)
    {
        Numbers(json, "cosines", texts.Cosines.Items.Select(cosine => (double?)cosine));
        TraceData.Array(json, "ids", tokens.Tokens, token => json.WriteNumberValue(token.Id));
        TraceData.WriteTexts(json, [.. tokens.Tokens]);
        TraceData.Array(json, "texts", texts.Texts, text =>
        {
            json.WriteStartObject();
            json.WriteString("name", TraceWords.Name(text.Name));
            TraceData.Array(json, "at", text.Tokens, token => json.WriteNumberValue(tokens.Place(token.Id)));
            Numbers(json, "kl", text.Kl.Items.Select(kl => (double?)kl));
            json.WriteEndObject();
        });
        TraceData.Array(json, "predictions", texts.Predictions, one => List(json,
        [
            one.Text, one.Position, tokens.Place(one.A.Token.Id), tokens.Place(one.B.Token.Id), one.A.ChanceA,
            one.A.ChanceB, one.B.ChanceA, one.B.ChanceB, one.Kl,
        ]));
    }

    static void Numbers(Utf8JsonWriter json, string name, IEnumerable<double?> numbers)
    {
        json.WritePropertyName(name);
        List(json, [.. numbers]);
    }

    static void List(Utf8JsonWriter json, ReadOnlySpan<double?> numbers)
    {
        json.WriteStartArray();
        foreach (var number in numbers)
            Number(json, number);
        json.WriteEndArray();
    }

    static void Number(Utf8JsonWriter json, double? number)
    {
        if (number is { } some && double.IsFinite(some))
            json.WriteNumberValue(some);
        else
            json.WriteNullValue();
    }

    static TokenTable TokensOf(CheckpointDiff diff)
    {
        var all = new Dictionary<int, TokenText>();
        if (diff.Texts is { } texts)
        {
            foreach (var token in texts.Texts.SelectMany(text => text.Tokens))
                all.TryAdd(token.Id, token);
            foreach (var one in texts.Predictions.SelectMany(one => new[] { one.A.Token, one.B.Token }))
                all.TryAdd(one.Id, one);
        }

        var table = new TokenTable(id => all[id]);
        foreach (var id in all.Keys)
            table.Place(id);
        return table;
    }
}
