namespace RatIlgpu;

/// <summary>An activation and the layer that computes it.</summary>
/// <param name="Activation">Which activation.</param>
/// <param name="Layer">Which layer, from 0; 0 for the activations that belong to no layer.</param>
public readonly record struct Site(Activation Activation, int Layer)
{
    /// <summary>The token embeddings.</summary>
    public static Site Embedding { get; } = new(Activation.Embedding, 0);

    /// <summary>The normed stream that the unembedding reads.</summary>
    public static Site FinalNorm { get; } = new(Activation.FinalNorm, 0);

    /// <summary>The logits.</summary>
    public static Site Logits { get; } = new(Activation.Logits, 0);

    /// <summary>Gets whether the activation belongs to a layer.</summary>
    public bool IsInLayer => Activation is not (Activation.Embedding or Activation.FinalNorm or Activation.Logits);

    /// <summary>Tells whether a run reaches this site before another one.</summary>
    public bool IsBefore(Site other) => RunOrder.Compare(this, other) < 0;

    /// <summary>Gets the order in which a run reaches sites.</summary>
    public static IComparer<Site> RunOrder { get; } =
        Comparer<Site>.Create((left, right) => left.Place.CompareTo(right.Place));

    // Before all layers, in a layer, or after all layers.
    (int Part, int Layer, Activation Activation) Place =>
        (IsInLayer ? 1 : Activation == Activation.Embedding ? 0 : 2, Layer, Activation);

    /// <summary>Throws if a model does not have the site.</summary>
    /// <param name="layerCount">The layers of the model.</param>
    /// <exception cref="ArgumentOutOfRangeException">The layer or the activation is not there.</exception>
    public void Check(int layerCount)
    {
        if (!Enum.IsDefined(Activation))
            throw new ArgumentOutOfRangeException(nameof(Activation), $"{Activation} is no activation of a model.");
        if (Layer < 0 || Layer >= (IsInLayer ? layerCount : 1))
            throw new ArgumentOutOfRangeException(
                nameof(Layer), $"{this}: the model has layers 0 to {layerCount - 1}.");
    }

    /// <summary>Returns the name, such as <c>Pattern of layer 3</c>.</summary>
    public override string ToString() =>
        IsInLayer ? FormattableString.Invariant($"{Activation} of layer {Layer}") : Activation.ToString();
}
