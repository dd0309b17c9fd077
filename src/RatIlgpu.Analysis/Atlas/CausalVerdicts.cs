namespace RatIlgpu.Analysis;

/// <summary>Takes heads with a role away, one by one and all of a role together, and compares what the role claims with
/// the same for random heads.</summary>
/// <remarks>Random heads are those without a role that claims the same behaviour: a head that the behaviour is known to
/// run through tells nothing of chance.</remarks>
sealed class CausalVerdicts
{
    const double Spreads = 3;

    // In nats or logits. Less is what rounding leaves.
    const double LeastEffect = 1e-3;

    static readonly ImmutableArray<HeadAblation> Kinds = [HeadAblation.Zero, HeadAblation.Mean];

    readonly LanguageModel model;
    readonly BehaviourSequences sequences;
    readonly RandomHeadSets random;

    /// <summary>Prepares verdicts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">The texts and the seed.</param>
    public CausalVerdicts(LanguageModel model, AtlasOptions options)
    {
        this.model = model;
        (sequences, random) = (new(model, options), new(model.Config, options.Seed));
    }

    /// <summary>Returns the heads with effects and verdicts.</summary>
    /// <param name="heads">All heads of the model, with their roles.</param>
    /// <param name="progress">Is told the share that is done; null for nobody.</param>
    /// <param name="cancellation">Stops.</param>
    public VerdictResult Of(
        ImmutableArray<AtlasHead> heads, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        if (!model.Network.Weights.HasUnembedding)
            return new(heads, [], ImmutableSortedDictionary<HeadBehaviour, double>.Empty,
                ["The checkpoint has no unembedding: no head was taken away."]);
        var questions = Questions(heads);
        HeadBehaviour[] asked = [.. questions.Select(question => question.Behaviour).Distinct().Order()];
        var warnings = ImmutableArray.CreateBuilder<string>();
        var plain = ImmutableSortedDictionary.CreateBuilder<HeadBehaviour, double>();
        var effects = new List<(Question Question, CausalEffect Effect)>();
        foreach (var (number, behaviour) in asked.Index())
        {
            var data = sequences.Of(behaviour);
            if (data.IsEmpty)
            {
                warnings.Add($"{WordsOf(behaviour)} cannot be measured with this tokenizer: no head was taken away.");
                continue;
            }

            if (behaviour == HeadBehaviour.InductionLoss)
                plain[HeadBehaviour.FirstCopyLoss] = WholeOf(sequences.Of(HeadBehaviour.FirstCopyLoss));
            var runs = new AblatedRuns(model.Network, data, cancellation);
            var whole = runs.Measure([new([], HeadAblation.Zero)])[0].Average();
            plain[behaviour] = whole;
            if (!IsThere(behaviour, whole))
            {
                warnings.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{WordsOf(behaviour)} is {whole:F2}, no better than a guess: the model does not do what it ")
                    + "measures, so roles that it tests have no verdict from it.");
                continue;
            }

            var own = questions.Where(question => question.Behaviour == behaviour).ToList();
            Measure(runs, behaviour, whole, own, effects, share =>
                progress?.Invoke((number + share) / asked.Length));
        }

        return new(WithEffects(heads, effects), RoleEffects(effects), plain.ToImmutable(), warnings.ToImmutable());

        double WholeOf(ImmutableArray<ScoredSequence> some) =>
            new AblatedRuns(model.Network, some, cancellation).Measure([new([], HeadAblation.Zero)])[0].Average();
    }

    static List<Question> Questions(ImmutableArray<AtlasHead> heads)
    {
        var found = new List<Question>();
        foreach (var group in heads.SelectMany(head => head.Roles.Select(label => (label.Role, head.Head)))
            .GroupBy(one => one.Role, one => one.Head).OrderBy(group => group.Key))
            foreach (var behaviour in BehaviourSequences.Of(group.Key))
            {
                ImmutableArray<HeadIndex> candidates =
                [
                    .. heads.Where(head => !head.Roles.Any(label =>
                        BehaviourSequences.Of(label.Role).Contains(behaviour))).Select(head => head.Head),
                ];
                found.AddRange(group.Select(head => new Question(group.Key, behaviour, [head], candidates, false)));
                found.Add(new(group.Key, behaviour, [.. group.Order()], candidates, true));
            }

        return found;
    }

    // A uniform guess has the logarithm of the vocabulary as loss, and no difference of two logits.
    bool IsThere(HeadBehaviour behaviour, double value) => BehaviourSequences.IsGain(behaviour)
        ? value > 0
        : value < Math.Log(model.Config.VocabularySize);

    // Every set is run once, whoever asks for it.
    void Measure(
        AblatedRuns runs,
        HeadBehaviour behaviour,
        double whole,
        List<Question> questions,
        List<(Question, CausalEffect)> effects,
        Action<double> progress)
    {
        var nulls = questions.ConvertAll(question => random.Of(question.Heads, question.Candidates));
        ImmutableArray<AblatedHeads> sets =
        [
            .. from set in questions.Select(question => question.Heads).Concat(nulls.SelectMany(one => one.Sets))
               from kind in Kinds
               select new AblatedHeads(set, kind),
        ];
        sets = [.. sets.Distinct()];
        var means = runs.Measure(sets, progress).Select(values => values.Average()).ToArray();
        var known = sets.Zip(means).ToDictionary(pair => pair.First, pair => pair.Second);
        var sign = BehaviourSequences.IsGain(behaviour) ? -1 : 1;
        foreach (var (question, (drawn, isSame)) in questions.Zip(nulls))
            foreach (var kind in Kinds)
            {
                double[] chance = [.. drawn.Select(set => EffectOf(new(set, kind)))];
                var effect = EffectOf(new(question.Heads, kind));
                var spread = MeanAndSpread.Of(chance.Select(number => (double?)number));
                effects.Add((question, new(
                    question.Role, behaviour, kind, effect, spread, VerdictOf(effect, spread, chance))
                {
                    IsSameLayer = isSame,
                }));
            }

        double EffectOf(AblatedHeads set) => sign * (known[set] - whole);
    }

    static CausalVerdict VerdictOf(double effect, MeanAndSpread chance, double[] draws) =>
        Math.Abs(effect) < LeastEffect || draws.Length < 2 ? CausalVerdict.None
        : effect > chance.Mean + (Spreads * chance.Spread) && effect > draws.Max() ? CausalVerdict.Causal
        : effect < chance.Mean - (Spreads * chance.Spread) && effect < draws.Min() ? CausalVerdict.Interferes
        : CausalVerdict.None;

    static ImmutableArray<RoleEffect> RoleEffects(List<(Question Question, CausalEffect Effect)> effects) =>
    [
        .. effects.Where(one => one.Question.IsWhole).GroupBy(one => one.Question.Role).OrderBy(group => group.Key)
            .Select(group => new RoleEffect(
                group.Key, group.First().Question.Heads.Items, [.. group.Select(one => one.Effect)])),
    ];

    static ImmutableArray<AtlasHead> WithEffects(
        ImmutableArray<AtlasHead> heads, List<(Question Question, CausalEffect Effect)> effects)
    {
        var causal = effects.Where(one => one.Question.IsWhole && one.Effect.Verdict == CausalVerdict.Causal)
            .Select(one => (one.Effect.Role, one.Effect.Behaviour, one.Effect.Kind)).ToHashSet();
        var own = effects.Where(one => !one.Question.IsWhole)
            .ToLookup(one => one.Question.Heads[0], one => Judged(one.Effect));
        return [.. heads.Select(head => head with
        {
            Effects = [.. own[head.Head]],
            Roles =
            [
                .. head.Roles.Where(label => !IsRefuted(label, own[head.Head])).Select(label => label with
                {
                    Verdict = BestOf(own[head.Head].Where(effect => effect.Role == label.Role)),
                }),
            ],
        })];

        // Attention to the repeated name is S-inhibition only if it helps the other name.
        static bool IsRefuted(RoleLabel label, IEnumerable<CausalEffect> effects) =>
            label.Role == HeadRole.SInhibition
            && effects.Where(effect => effect.Role == label.Role).ToArray() is { Length: > 0 } found
            && found.All(effect => effect.Effect <= 0);

        CausalEffect Judged(CausalEffect effect) =>
            effect.Verdict == CausalVerdict.None && causal.Contains((effect.Role, effect.Behaviour, effect.Kind))
                ? effect with { Verdict = CausalVerdict.Redundant }
                : effect;
    }

    // The first in the order of the enumeration that a kind of ablation says.
    static CausalVerdict? BestOf(IEnumerable<CausalEffect> effects) =>
        effects.Select(effect => (CausalVerdict?)effect.Verdict).Order().FirstOrDefault();

    static string WordsOf(HeadBehaviour behaviour) => behaviour switch
    {
        HeadBehaviour.InductionLoss => "The loss on repeated tokens",
        HeadBehaviour.NameDifference => "The difference of two names",
        HeadBehaviour.NextElementLoss => "The loss on ordered runs",
        _ => "The loss on text",
    };

    sealed record Question(
        HeadRole Role,
        HeadBehaviour Behaviour,
        ValueArray<HeadIndex> Heads,
        ImmutableArray<HeadIndex> Candidates,
        bool IsWhole);
}

/// <summary>What taking heads away gave.</summary>
/// <param name="Heads">The heads with effects and verdicts.</param>
/// <param name="RoleEffects">What all heads of each role do together.</param>
/// <param name="Behaviours">The behaviours of the whole model.</param>
/// <param name="Warnings">What was not measured.</param>
sealed record VerdictResult(
    ImmutableArray<AtlasHead> Heads,
    ImmutableArray<RoleEffect> RoleEffects,
    ImmutableSortedDictionary<HeadBehaviour, double> Behaviours,
    ImmutableArray<string> Warnings);
