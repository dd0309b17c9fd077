using System.IO.Compression;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Makes the blocks of data of a page of explanations: a plan, and the numbers of each view, which the script
/// decodes when the view is shown.</summary>
/// <param name="views">The explanations.</param>
/// <param name="options">The model and what made the explanations.</param>
sealed class ExplanationBlocks(ExplanationViews views, ExplanationPageOptions options)
{
    // The parts of one layer are the same for most views, and are written once.
    readonly List<ValueArray<ResidualTerm>> partLists = [];

    public IEnumerable<DataBlock> All()
    {
        yield return DataBlock.Json("data", WritePlan);
        foreach (var (index, view) in views.Views.Index())
            yield return DataBlock.Compressed(
                string.Create(CultureInfo.InvariantCulture, $"view-{index}"), Of(view), CompressionLevel.Optimal);
    }

    // In double: the exported file has the numbers of the record.
    static byte[] Of(ScoreAttribution view)
    {
        using var stream = new MemoryStream();
        BytePlanes.Write<double>(
            stream, [.. view.ByQueryPart, .. view.ByKeyPart, .. view.AttentionWithout, .. view.Pairs]);
        return stream.ToArray();
    }

    void WritePlan(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        FileHead.Write(json, "explain", options.Model, options.Origin);
        TraceData.Array(json, "prompts", views.Prompts, prompt => WritePrompt(json, prompt));
        TraceData.Array(json, "links", views.Links, link => WriteLink(json, link));
        TraceData.Array(json, "views", views.Links, link =>
        {
            foreach (var view in link.Readings)
                WriteView(json, view, link);
        });
        TraceData.Array(json, "parts", partLists, parts =>
        {
            json.WriteStartArray();
            foreach (var part in parts)
                json.WriteStringValue(part.Label);
            json.WriteEndArray();
        });
        json.WriteEndObject();
    }

    void WritePrompt(Utf8JsonWriter json, ExplainedPrompt prompt)
    {
        json.WriteStartObject();
        json.WriteString("label", prompt.Label);
        TraceData.WriteTexts(json, [.. views.TokensOf(prompt.First)]);
        TraceData.Array(json, "ids", prompt.First.TokenIds, json.WriteNumberValue);
        TraceData.WriteRun(json, prompt.First.AttentionMask, prompt.First.Interventions);
        json.WriteEndObject();
    }

    void WriteLink(Utf8JsonWriter json, ExplainedLink link)
    {
        json.WriteStartObject();
        json.WriteString("name", link.Name);
        json.WriteNumber("prompt", link.Prompt.Number - 1);
        json.WriteString("head", link.First.Head.ToString());
        json.WriteNumber("query", link.First.Query);
        json.WriteNumber("key", link.First.Key);
        json.WriteBoolean("split", link.First.Options.SplitHeads);
        json.WriteNumber("score", link.First.Score);
        json.WriteNumber("attention", link.First.Attention);
        TraceData.Array(json, "row", link.First.QueryAttention, json.WriteNumberValue);
        json.WriteString("address", link.AttentionAddress);
        if (link.Verification is { } measured)
            ScoreAttributionJson.WriteVerification(json, measured, views.TextOf);
        json.WriteEndObject();
    }

    void WriteView(Utf8JsonWriter json, ScoreAttribution view, ExplainedLink link)
    {
        json.WriteStartObject();
        json.WriteNumber("link", link.Index);
        json.WriteString("reading", ExplanationWords.Name(view.Options.Reading));
        if (ExplanationWords.FoilOf(view) is { } foil)
            json.WriteNumber("foil", foil);
        json.WriteNumber("score", view.Score);
        json.WriteNumber("attention", view.Attention);
        json.WriteNumber("measured", view.Measured);
        json.WriteNumber("rounding", view.Rounding);
        json.WriteNumber("alone", view.PositionAlone);
        json.WriteNumber("queryParts", PlaceOf(view.QueryParts));
        json.WriteNumber("keyParts", PlaceOf(view.KeyParts));
        json.WriteBoolean("verified", view.Verification is not null);
        json.WriteString("balance", ExplanationWords.Balance(view));
        TraceData.Array(json, "facts", ExplanationWords.Facts(view, views, options), fact =>
        {
            json.WriteStartArray();
            json.WriteStringValue(fact.Name);
            json.WriteStringValue(fact.Value);
            json.WriteEndArray();
        });
        TraceData.Array(json, "notices", ExplanationWords.Notices(view), json.WriteStringValue);
        json.WriteEndObject();
    }

    int PlaceOf(ValueArray<ResidualTerm> parts)
    {
        var place = partLists.IndexOf(parts);
        if (place >= 0)
            return place;
        partLists.Add(parts);
        return partLists.Count - 1;
    }
}
