namespace RatIlgpu.Analysis;

/// <summary>A direction of the normed final stream, which takes the place of a token's row of the
/// unembedding.</summary>
/// <remarks>With x the stream, σ its scale and g the gain of the final norm, a direction v reads the number
/// <c>(g ⊙ x / σ) · v</c>, as row t of the unembedding reads the logit of token t.</remarks>
public sealed record StreamDirection
{
    /// <summary>Makes a direction.</summary>
    /// <param name="values">The numbers, <c>[width]</c>: as many as the stream is wide, all finite.</param>
    /// <param name="name">The name under which results show the direction.</param>
    /// <exception cref="ArgumentException">There is no number, or one is not finite.</exception>
    public StreamDirection(ValueArray<double> values, string name = "direction")
    {
        if (values.IsEmpty)
            throw new ArgumentException("The direction has no number, expected one for each place of the stream.");
        foreach (var (place, value) in values.Items.Index())
            if (!double.IsFinite(value))
                throw new ArgumentException(FormattableString.Invariant(
                    $"The direction has {value} at {place}, expected finite numbers."));
        (Values, Name) = (values, name);
    }

    /// <summary>Gets the numbers, <c>[width]</c>.</summary>
    public ValueArray<double> Values { get; }

    /// <summary>Gets the name under which results show the direction; that of the file without folder and ending where
    /// it was loaded.</summary>
    public string Name { get; }

    /// <summary>Gets the Euclidean norm.</summary>
    public double Norm => Math.Sqrt(Values.Sum(value => value * value));

    /// <summary>Reads a direction from a file: a JSON array of numbers, or a safetensors file with a single tensor
    /// <c>[width]</c> of F32, F16, BF16 or F64.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read, is neither of the two, or holds a number that is
    /// not finite.</exception>
    public static StreamDirection Load(string path) => DirectionFile.Read(path);

    /// <summary>Reads a direction for each position from a file: a JSON array of arrays of numbers, or a safetensors
    /// file with a single tensor <c>[positions, width]</c> of F32, F16, BF16 or F64. A file that <see cref="Load"/>
    /// reads has one.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The directions, named after the file and their places, such as <c>probe[3]</c>.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read, is neither of the two, or holds a number that is
    /// not finite.</exception>
    public static ImmutableArray<StreamDirection> LoadEach(string path) => DirectionFile.ReadEach(path);

    /// <summary>Returns the name.</summary>
    public override string ToString() => Name;

    /// <summary>Throws if the stream of a model has another width.</summary>
    internal void CheckFor(Qwen2Config config)
    {
        if (Values.Length != config.HiddenSize)
            throw new ArgumentException(FormattableString.Invariant(
                $"The direction '{OneLine.Escape(Name)}' has {Values.Length} numbers, expected {config.HiddenSize}, ")
                + "the width of the model's stream.");
    }
}
