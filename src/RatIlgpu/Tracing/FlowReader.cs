using RatIlgpu.Files;

namespace RatIlgpu.Tracing;

/// <summary>Turns the parsed file of a flow into a flow, trusting nothing.</summary>
sealed class FlowReader(JsonPart file) : ResultReader(file)
{
    // Shares are products of single precision.
    const double LargestShare = 1 + 1e-4, Rounding = 1e-3;

    JsonPart Flow => Kept["through"];

    JsonPart Kept => File[TraceJson.OwnKey];

    public FlowResult Read()
    {
        Kept["version"].Need(TraceJson.Version);
        var names = Names();
        var model = Model();
        var options = Options(names.Length, model);
        var tokens = Tokens(names, Ids(names.Length));
        var shares = Shares(options.TargetPosition.Value);
        var paths = Paths(options, shares);
        foreach (var text in File["paths_text"].Items(paths.Length))
            text.Text();
        Near(Flow["path_share"], paths.Sum(path => path.Probability));
        return new()
        {
            Options = options,
            Model = model,
            Tokens = tokens,
            Shares = shares,
            Paths = paths,
            PathTexts = FlowText.FormatAll(paths, tokens),
            Prompt = Prompt,
            PromptLength = PromptLengthOf(names.Length),
            Notices = [.. Kept["notices"].Items().Select(Text)],
            Interventions = Interventions,
            Origin = Origin,
        };
    }

    FlowOptions Options(int length, TracedModel model)
    {
        var (metadata, kept) = (File["metadata"], Kept["options"]);
        metadata["seq_len"].Need(length);
        var target = metadata["target_pos"].Whole(0, length - 1);
        var mask = Mask(kept, length);
        if (mask is { } entries && entries[target] == 0)
            throw kept["attention_mask"].Items()[target].Unexpected(
                "1, since nothing flows to a target that is padding");
        var last = kept["to_layer"].Whole(0, model.LayerCount == 0 ? ushort.MaxValue : model.LayerCount - 1);
        return new()
        {
            TargetPosition = target,
            TopBeam = metadata["top_beam"].Whole(1),
            TopK = metadata["top_k"].Whole(1),
            Method = kept["flow"] switch
            {
                var flow when flow.Is("norm") => FlowMethod.Norm,
                var flow when flow.Is("rollout") => FlowMethod.Rollout,
                var flow => throw flow.Unexpected("norm or rollout"),
            },
            FromLayer = kept["from_layer"].Whole(0, last),
            ToLayer = last,
            MinShare = kept["min_share"].Number(0, 1),
            AttentionMask = mask,
        };
    }

    ImmutableArray<double> Shares(int target)
    {
        ImmutableArray<double> shares =
            [.. Flow["shares"].Items(target + 1).Select(share => share.Number(0, LargestShare))];
        Flow["shares"].Need(Math.Abs(shares.Sum() - 1) <= Rounding, "shares that sum to 1");
        return shares;
    }

    ImmutableArray<FlowPath> Paths(FlowOptions options, ImmutableArray<double> shares)
    {
        var items = Flow["paths"].Items();
        Flow["paths"].Need(
            items.Length <= options.TopBeam, FormattableString.Invariant($"at most {options.TopBeam} paths"));
        var paths = ImmutableArray.CreateBuilder<FlowPath>(items.Length);
        var (found, sums) = (new HashSet<ValueArray<int>>(), new double[shares.Length]);
        foreach (var item in items)
        {
            var path = Path(item, options);
            item["probability"].Need(
                path.Probability >= options.MinShare,
                FormattableString.Invariant($"at least {options.MinShare}, the least share of a path"));
            if (paths.Count > 0 && path.Score > paths[^1].Score)
                throw item["score"].Unexpected("the best path first");
            item["positions"].Need(found.Add(path.Positions), "another path than those before");
            sums[path.Source] += path.Probability;
            item["probability"].Need(
                sums[path.Source] <= shares[path.Source] + Rounding,
                "paths that sum to at most the share of the token at which they end");
            paths.Add(path);
        }

        return paths.MoveToImmutable();
    }

    static FlowPath Path(JsonPart item, FlowOptions options)
    {
        var (last, layers) = (options.ToLayer.Value, options.ToLayer.Value - options.FromLayer.Value + 1);
        var places = item["positions"].Items(layers + 1);
        places[0].Need(options.TargetPosition.Value);
        var positions = new int[places.Length];
        positions[0] = options.TargetPosition.Value;
        for (var i = 1; i < positions.Length; i++)
            positions[i] = Position(places[i], positions[i - 1], options.AttentionMask);
        ImmutableArray<double> flows = [.. item["flows"].Items(layers).Select(Step)];
        return new(
            last, [.. positions], flows, Near(item["score"], flows.Sum(Math.Log)),
            Near(item["probability"], flows.Aggregate(1.0, (product, flow) => product * flow)));
    }

    static double Step(JsonPart place) =>
        place.Number(0, LargestShare) is > 0 and var share ? share : throw place.Unexpected("more than 0");
}
