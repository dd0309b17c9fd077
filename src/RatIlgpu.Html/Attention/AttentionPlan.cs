using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>What a page of attention shows: its heads and prompts, without the numbers.</summary>
sealed record AttentionPlan
{
    /// <summary>Gets the heads, in the order in which they are shown.</summary>
    public required ImmutableArray<PlannedHead> Heads { get; init; }

    /// <summary>Gets the number that each of <see cref="Heads"/> has in the data: heads were added in another order.
    /// </summary>
    public required ImmutableArray<int> Numbers { get; init; }

    public required ImmutableArray<PlannedPrompt> Prompts { get; init; }

    /// <summary>Gets the weightings that every head has; the first is the standard one.</summary>
    public required ImmutableArray<AttentionWeights> Weights { get; init; }

    /// <summary>Gets a value indicating whether each prompt has the mean over its heads.</summary>
    public required bool HasMean { get; init; }

    /// <summary>Gets the names of the summaries over the heads.</summary>
    public ImmutableArray<string> Reductions =>
        [.. new[] { ("max", true), ("mean", HasMean), ("rollout", HasRollout) }
            .Where(one => one.Item2).Select(one => one.Item1)];

    /// <summary>Gets a value indicating whether each prompt has a rollout through each layer.</summary>
    public required bool HasRollout { get; init; }

    /// <summary>Gets the queries and keys of the heads; null if the page has none.</summary>
    public VectorPlan? Vectors { get; init; }

    /// <summary>Gets the view at first.</summary>
    public required AttentionPageOptions Options { get; init; }

    /// <summary>Gets the lines that describe the interventions in the run of each prompt, and its mask.</summary>
    public IEnumerable<(ValueArray<string> Interventions, IEnumerable<int>? Mask)> Runs =>
        Prompts.Select((prompt, place) => (InterventionsOf(place), (IEnumerable<int>?)prompt.Mask));

    /// <summary>Returns the name of a weighting in the data.</summary>
    public static string NameOf(AttentionWeights weights) => weights.ToString().ToLowerInvariant();

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        TraceData.Array(json, "heads", Heads, head => head.WriteJson(json));
        if (!Numbers.SequenceEqual(Enumerable.Range(0, Numbers.Length)))
            TraceData.Array(json, "numbers", Numbers, json.WriteNumberValue);
        TraceData.Array(json, "prompts", Prompts.Index(), prompt => prompt.Item.WriteJson(
            json, InterventionsOf(prompt.Index)));
        TraceData.Array(json, "weights", Weights, weights => json.WriteStringValue(NameOf(weights)));
        TraceData.Array(json, "reductions", Reductions, json.WriteStringValue);
        Vectors?.WriteJson(json);
        json.WriteStartObject("initial");
        json.WriteString("mode", Options.Mode.ToString().ToLowerInvariant());
        json.WriteString("weights", NameOf(Weights.Contains(Options.Weights) ? Options.Weights : Weights[0]));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    ValueArray<string> InterventionsOf(int prompt) =>
        prompt < Options.Interventions.Length ? Options.Interventions[prompt] : [];
}

/// <summary>A head of a page.</summary>
/// <param name="Name">The name that is shown.</param>
/// <param name="Index">The layer and the head; null if the head has only a name.</param>
sealed record PlannedHead(string Name, HeadIndex? Index)
{
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        if (Index is var (layer, head))
        {
            json.WriteNumber("layer", layer);
            json.WriteNumber("head", head);
        }

        json.WriteEndObject();
    }
}

/// <summary>A prompt of a page.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Mask">1 for a token, 0 for padding, <c>[tokens]</c>; null if there is no padding.</param>
/// <param name="Shape">The cells of its patterns.</param>
sealed record PlannedPrompt(
    string Label, ImmutableArray<TokenText> Tokens, ImmutableArray<int>? Mask, PatternShape Shape)
{
    /// <summary>Gets how its patterns are written.</summary>
    public required PatternTier Tier { get; init; }

    /// <summary>Gets the facts of each head.</summary>
    public required ImmutableArray<HeadFacts> Facts { get; init; }

    /// <summary>Gets the largest difference between a number that the page shows and the recorded one.</summary>
    public required double Bound { get; init; }

    /// <summary>Tells whether a query sees a key.</summary>
    public bool Shows(int query, int key) =>
        key < Shape.LengthOf(query) && (Mask is not { } mask || (mask[query] == 1 && mask[key] == 1));

    public void WriteJson(Utf8JsonWriter json, ValueArray<string> interventions)
    {
        json.WriteStartObject();
        json.WriteString("label", Label);
        if (Tokens.All(token => token.Id >= 0))
            TraceData.Array(json, "ids", Tokens, token => json.WriteNumberValue(token.Id));
        TraceData.WriteTexts(json, Tokens);
        TraceData.WriteRun(json, Mask, interventions);
        json.WriteBoolean("causal", Shape.IsCausal);
        json.WriteString("tier", Tier.NameFor(Shape));
        json.WriteNumber("k", Tier.Strongest);
        json.WriteNumber("side", Tier.SideFor(Shape));
        json.WriteNumber("bound", Bound);
        json.WriteEndObject();
    }
}
