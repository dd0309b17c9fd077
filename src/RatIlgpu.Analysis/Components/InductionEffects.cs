namespace RatIlgpu.Analysis;

/// <summary>Sums the induction scores of the heads of a layer, with all components and without each.</summary>
sealed class InductionEffects
{
    readonly Qwen2Model model;
    readonly Decomposition decomposition;
    readonly (AttentionProjection Projection, int Component)[] components;
    readonly double[] whole;
    readonly double[][] without;
    readonly ImmutableArray<int> heads;
    readonly InductionMass[] masses;
    int massQueries;

    /// <summary>Prepares to sum.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decomposition">The components of the layer.</param>
    /// <param name="heads">The heads whose attention is divided.</param>
    /// <param name="most">The most components of each matrix; null for all that count.</param>
    public InductionEffects(
        Qwen2Model model, Decomposition decomposition, ImmutableArray<int> heads, int? most)
    {
        (this.model, this.decomposition, this.heads) = (model, decomposition, heads);
        masses = new InductionMass[heads.Length];
        components =
        [
            .. from projection in (AttentionProjection[])[AttentionProjection.Query, AttentionProjection.Key]
               from component in decomposition[projection].Alive(most)
               select (projection, component),
        ];
        whole = new double[model.Config.HeadCount];
        without = [.. components.Select(_ => new double[whole.Length])];
    }

    /// <summary>Gets the queries of the score.</summary>
    public int Queries { get; private set; }

    /// <summary>Gets the scores of all heads.</summary>
    public ImmutableArray<double> Scores => [.. whole.Select(sum => sum / Queries)];

    /// <summary>Returns where a head looks.</summary>
    /// <param name="place">The place of the head among those asked for.</param>
    public InductionMass MassOf(int place) => new(
        masses[place].Target / massQueries, masses[place].First / massQueries, masses[place].Rest / massQueries);

    /// <summary>Runs a sequence.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="cancellation">Stops between two components.</param>
    public void Add(RepeatedSequence sequence, CancellationToken cancellation)
    {
        var run = InductionRun.Of(model, decomposition, sequence, cancellation);
        for (var other = 0; other < whole.Length; other++)
            whole[other] += run.Target(other);
        foreach (var (place, head) in heads.Index())
            AddMass(run, place, head);
        massQueries += sequence.HalfLength;
        // Each component has sums of its own, so that their order is that of the sequences.
        var threads = new ParallelOptions
        {
            MaxDegreeOfParallelism = model.Device.ThreadCount,
            CancellationToken = cancellation,
        };
        Parallel.For(0, components.Length, threads, place =>
        {
            var (projection, component) = components[place];
            var found = run.Without(projection, component);
            for (var other = 0; other < found.Length; other++)
                without[place][other] += found[other];
        });
        Queries += sequence.HalfLength - 1;
    }

    /// <summary>Returns the effects, the largest on a head first.</summary>
    public ValueArray<ComponentEffect> Of(int head) =>
    [
        .. components.Select((one, place) => EffectOf(one.Projection, one.Component, without[place], head))
            .OrderByDescending(effect => effect.Effects[head]),
    ];

    ComponentEffect EffectOf(AttentionProjection projection, int component, double[] sums, int head)
    {
        // Keys have a part for each key/value head, not for each query head.
        var own = projection == AttentionProjection.Key ? head / model.Config.GroupSize : head;
        double[] norms = ComponentHeads.NormsOf(decomposition[projection], component);
        return new(
            projection, component, norms.Sum() is var all and > 0 ? norms[own] / all : 0, HeadSpread.Of(norms),
            [.. whole.Zip(sums, (before, after) => (before - after) / Queries)]);
    }

    void AddMass(InductionRun run, int place, int head)
    {
        ref var mass = ref masses[place];
        foreach (var (target, first) in run.Masses(head))
            mass = new(mass.Target + target, mass.First + first, mass.Rest + (1 - target - first));
    }
}
