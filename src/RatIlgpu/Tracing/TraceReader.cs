using RatIlgpu.Devices;
using RatIlgpu.Files;
using RatIlgpu.Text;

namespace RatIlgpu.Tracing;

/// <summary>Turns a parsed <c>trace.json</c> into a trace, trusting nothing.</summary>
sealed class TraceReader(JsonPart file) : ResultReader(file)
{
    // Attention computed in half precision may exceed 1 by the rounding of a sum.
    const double LargestAttention = 1 + 1.0 / 128;

    // Attention of one step, computed in single precision by the device and by the explanation.
    const double Rounding = 1e-3;

    public TraceResult Read()
    {
        Own?["version"].Need(TraceJson.Version);
        var names = Names();
        var model = Model();
        var options = Options(names.Length, model);
        var paths = Paths(options);
        var tokens = Tokens(names);
        var weights = Weights(paths);
        var sankey = SankeyGraph.Build(paths, weights, options.Layer.Value, tokens);
        CheckSankey(sankey, names);
        foreach (var text in File["paths_text"].Items(paths.Length))
            text.Text();
        return new()
        {
            Options = options,
            Model = model,
            Tokens = tokens,
            Paths = paths,
            PathWeights = weights,
            Sankey = sankey,
            PathTexts = [.. paths.Select(path => PathText.Format(path, tokens, options.Weights))],
            SelfAttention = SelfAttention(options.TargetPosition.Value),
            TargetAttention = TargetAttention(options.TargetPosition.Value),
            Notices = Notices(),
            Prompt = Prompt,
            PromptLength = PromptLengthOf(names.Length),
            Predictions = Predictions(options.Predictions),
            Interventions = Interventions,
            Explanations = Explanations(sankey, options),
            Origin = Origin,
        };
    }

    TraceOptions Options(int length, TracedModel model)
    {
        var metadata = File["metadata"];
        metadata["seq_len"].Need(length);
        var options = new TraceOptions
        {
            TargetPosition = metadata["target_pos"].Whole(0, length - 1),
            Layer = metadata["layer"].Whole(0, model.LayerCount == 0 ? int.MaxValue : model.LayerCount - 1),
            TopBeam = metadata["top_beam"].Whole(1),
            TopK = metadata["top_k"].Whole(1),
        };
        return Own?["options"] is { } kept ? WithOwn(options, kept, length, model) : options;
    }

    ImmutableArray<BeamPath> Paths(TraceOptions options)
    {
        var beams = File["beams"].Items();
        if (beams.Length < 1 || beams.Length > options.TopBeam)
            throw File["beams"].Unexpected(options.TopBeam == 1 ? "one path" : $"1 to {options.TopBeam} paths");
        var paths = ImmutableArray.CreateBuilder<BeamPath>(beams.Length);
        foreach (var beam in beams)
        {
            var path = Path(beam, options);
            if (paths.Count > 0 && path.Score > paths[^1].Score)
                throw beam["score_norm"].Unexpected("the best path first");
            paths.Add(path);
        }

        return paths.MoveToImmutable();
    }

    BeamPath Path(JsonPart beam, TraceOptions options)
    {
        var places = beam["positions"].Items();
        if (places.Length == 0)
            throw beam["positions"].Unexpected("the target at least");
        places[0].Need(options.TargetPosition.Value);
        var positions = new int[places.Length];
        positions[0] = options.TargetPosition.Value;
        for (var i = 1; i < positions.Length; i++)
            positions[i] = Position(places[i], positions[i - 1] - 1, options.AttentionMask);
        ImmutableArray<double> attentions = [.. beam["edge_attns"].Items(positions.Length - 1).Select(Edge)];
        var raw = Near(beam["score_raw"], attentions.Sum(Step.LogOf));
        var score = Own is null
            ? beam["score_norm"].Number()
            : Near(beam["score_norm"], options.LengthNormalization.Apply(raw, attentions.Length));
        return new([.. positions], attentions, raw, score);
    }

    static double Edge(JsonPart place) =>
        place.Number(0, LargestAttention) is > 0 and var attention ? attention : throw place.Unexpected("more than 0");

    ImmutableArray<TokenText> Tokens(string[] names)
    {
        var ids = Ids(names.Length);
        foreach (var beam in File["beams"].Items())
        {
            var positions = beam["positions"].Items();
            var tokens = beam["tokens"].Items(positions.Length);
            var tokenIds = beam["token_ids"].Items(positions.Length);
            for (var i = 0; i < positions.Length; i++)
            {
                var position = positions[i].Whole(0, names.Length - 1);
                tokens[i].Need(names[position]);
                if (ids[position] == UnknownId)
                    ids[position] = tokenIds[i].Whole(UnknownId);
                tokenIds[i].Need(ids[position]);
            }
        }

        return Tokens(names, ids);
    }

    void CheckSankey(SankeyGraph expected, string[] names)
    {
        foreach (var (node, place) in expected.Nodes.Zip(File["sankey"]["nodes"].Items(expected.Nodes.Length)))
        {
            place["id"].Need(node.Id);
            place["name"].Need(names[node.Position]);
            place["position"].Need(node.Position);
            place["layer"].Need(node.Layer);
        }

        var layer = expected.Nodes[0].Layer;
        foreach (var (link, place) in expected.Links.Zip(File["sankey"]["links"].Items(expected.Links.Length)))
        {
            place["source"].Need(SankeyNode.IdOf(layer, link.Source));
            place["target"].Need(SankeyNode.IdOf(layer, link.Target));
            Near(place["value"], link.Value);
            foreach (var (index, at) in link.PathIndices.Zip(place["beam_indices"].Items(link.PathIndices.Length)))
                at.Need(index);
        }
    }

    static TraceOptions WithOwn(TraceOptions options, JsonPart kept, int length, TracedModel model)
    {
        var heads = kept["agg_heads"].As(
            HeadAggregation.Parse, "mean, max, a head such as 3, mean:0,2,5 or max:0,2,5");
        if (model.HeadCount > 0 && !heads.Heads.IsEmpty && heads.Heads[^1] >= model.HeadCount)
            throw kept["agg_heads"].Unexpected($"heads 0 to {model.HeadCount - 1}");
        return options with
        {
            MinAttention = kept["min_attn"].Number(0, 1),
            Heads = heads,
            LengthNormalization =
                kept["length_norm"].As(LengthNormalization.Parse, "none, avg_logprob, sqrt or pow:NUMBER"),
            StopAtBos = kept["stop_at_bos"].Flag(),
            Predictions = kept.Find("predictions")?.Whole(0) ?? options.Predictions,
            BosTokenId = kept.Find("bos_token_id")?.Whole(0),
            Weights = kept.Find("weights") is { } weights ? WeightsOf(weights, heads) : AttentionWeights.Standard,
            AttentionMask = Mask(kept, length),
        };
    }

    static AttentionWeights WeightsOf(JsonPart place, HeadAggregation heads)
    {
        var found = place.Text();
        foreach (var weights in Enum.GetValues<AttentionWeights>())
            if (PathText.NameOf(weights) == found
                && (weights != AttentionWeights.Contribution || heads.Reduction == HeadReduction.Mean))
                return weights;
        throw place.Unexpected("standard, value, info, or contribution of the mean over heads");
    }

    ImmutableArray<double> Weights(ImmutableArray<BeamPath> paths)
    {
        var expected = PathWeights.Softmax([.. paths.Select(path => path.Score)]);
        return Own?["path_weights"] is { } weights
            ? [.. weights.Items(paths.Length).Zip(expected, (weight, near) => Near(weight, near))]
            : expected;
    }

    ImmutableSortedDictionary<int, double> SelfAttention(int target) => Sparse("self_attention", target + 1)
        .ToImmutableSortedDictionary(self => self.Position, self => Attention(self.Place["attention"]));

    ImmutableArray<double> TargetAttention(int target)
    {
        if (Own?["target_attention"] is not { } row || row.Items().Length == 0)
            return [];
        return [.. row.Items(target + 1).Select(Attention)];
    }

    ImmutableArray<string> Notices() => Own?["notices"] is { } notices
        ? [.. notices.Items().Select(Text)]
        : ["The file does not say which model was traced, nor with which heads, least attention, length normalization, "
            + "BOS token and mask: the defaults are shown."];

    ImmutableArray<PredictedToken> Predictions(int most)
    {
        if (Own?.Find("predictions") is not { } list)
            return [];
        var items = list.Items();
        list.Need(items.Length <= most, FormattableString.Invariant($"at most {most} predictions"));
        var predictions = ImmutableArray.CreateBuilder<PredictedToken>(items.Length);
        foreach (var item in items)
        {
            var one = new PredictedToken(Token(item), item["probability"].Number(0, 1), item["logit"].Number());
            if (predictions.Count > 0 && one.Probability > predictions[^1].Probability)
                throw item["probability"].Unexpected("the likeliest token first");
            if (predictions.Count > 0 && one.Logit > predictions[^1].Logit)
                throw item["logit"].Unexpected("the likeliest token first");
            predictions.Add(one);
        }

        return predictions.MoveToImmutable();
    }

    ImmutableArray<LinkExplanation> Explanations(SankeyGraph sankey, TraceOptions options)
    {
        if (Own?.Find("explanations") is not { } list)
            return [];
        list.Need(options.Heads.Heads.Length == 1, "no explanations, since more than one head was traced");
        // A file may explain some links alone, in any order.
        var left = sankey.Links.ToDictionary(link => (link.Source, link.Target), link => link.Attention);
        // With other weights a step has no attention. Where the pattern was changed, its step has that of the changed
        // pattern, and the explanation that of the scores.
        var hasAttention = options.Weights == AttentionWeights.Standard && Interventions.IsEmpty;
        var found = list.Items().Select(item => Explanation(item, left, hasAttention))
            .ToDictionary(one => (one.Source, one.Target));
        return
        [
            .. sankey.Links.Select(link => found.GetValueOrDefault((link.Source, link.Target)))
                .OfType<LinkExplanation>(),
        ];
    }

    static LinkExplanation Explanation(
        JsonPart item, Dictionary<(int Source, int Target), double> left, bool hasAttention)
    {
        var (source, target) = (item["key"].Whole(0), item["query"].Whole(0));
        item["key"].Need(
            left.Remove((source, target), out var step), "the key of a step of the paths, each step once");
        var attention = Attention(item["attention"]);
        item["attention"].Need(
            !hasAttention || Math.Abs(attention - step) <= Rounding,
            FormattableString.Invariant($"{step}, the attention of that step of the paths"));
        var pairs = item["pairs"].Items();
        item["pairs"].Need(
            pairs.Length <= LinkExplanation.MostPairs,
            FormattableString.Invariant($"at most {LinkExplanation.MostPairs} pairs"));
        ImmutableArray<LinkPair> found =
        [
            .. pairs.Select(pair => new LinkPair(Text(pair["query"]), Text(pair["key"]), pair["value"].Number())),
        ];
        item["pairs"].Need(
            found.Zip(found.Skip(1)).All(two => Math.Abs(two.First.Value) >= Math.Abs(two.Second.Value)),
            "the largest pair first");
        return new()
        {
            Source = source,
            Target = target,
            Score = item["score"].Number(),
            Attention = attention,
            PositionAlone = item["position_alone"].Number(),
            Pairs = found,
        };
    }

    static TokenText Token(JsonPart item)
    {
        var text = Text(item["token"]);
        return new(item["token_id"].Whole(0), text, item.Find("bytes") is { } bytes ? BytesOf(bytes, text) : []);
    }

    static double Attention(JsonPart place) => place.Number(0, LargestAttention);
}
