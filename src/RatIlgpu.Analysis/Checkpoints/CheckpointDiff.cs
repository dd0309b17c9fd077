namespace RatIlgpu.Analysis;

/// <summary>What differs between two checkpoints of one shape, A and B, such as a model and one that was fine-tuned
/// from it.</summary>
public sealed record CheckpointDiff
{
    /// <summary>Gets the first model.</summary>
    public required DiffModel A { get; init; }

    /// <summary>Gets the second model.</summary>
    public required DiffModel B { get; init; }

    /// <summary>Gets the layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Gets the query heads of a layer.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Gets the key/value heads of a layer.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Gets the changes of all weights, in the order of a run.</summary>
    public required ValueArray<WeightChange> Weights { get; init; }

    /// <summary>Gets how far both models differ on texts; null where they were not run.</summary>
    public TextDivergence? Texts { get; init; }

    /// <summary>Gets how scores and roles of heads differ; null where they were not compared.</summary>
    public ScoreChanges? Scores { get; init; }

    /// <summary>Gets what the reader must know; usually nothing.</summary>
    public ValueArray<string> Warnings { get; init; } = [];

    /// <summary>Gets whether no weight changed.</summary>
    public bool AreEqual => Weights.All(weight => weight.Whole.Norm == 0);

    /// <summary>Returns the change of the block of a head in a weight of its layer; a query head has the keys and
    /// values of the head that it reads.</summary>
    /// <param name="head">The query head.</param>
    /// <param name="part">The weight.</param>
    /// <returns>The change; null where the model has no such weight, or it is not divided into heads.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have the head.</exception>
    public BlockChange? BlockOf(HeadIndex head, WeightPart part)
    {
        head.Check(LayerCount, HeadCount);
        var blocks = Weights.FirstOrDefault(weight => weight.Layer == head.Layer && weight.Part == part)?.Heads ?? [];
        return blocks.IsEmpty ? null : blocks[head.Head / (HeadCount / blocks.Length)];
    }
}

/// <summary>One of two models that are compared.</summary>
/// <param name="Name">The name.</param>
/// <param name="Fingerprint">What identifies its weights and settings.</param>
public sealed record DiffModel(string Name, string Fingerprint);
