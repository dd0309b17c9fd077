using MathNet.Numerics.LinearAlgebra;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>The rank-1 components of one matrix of attention: <c>W = Σ U_c V_cᵀ + Δ</c>. Immutable.</summary>
/// <remarks>A component reads <c>a_c = V_c · x</c> from the input x of the matrix and writes <c>a_c U_c</c> to its
/// output; the bias of the matrix belongs to no component. Numbers are in double.</remarks>
public sealed class MatrixComponents
{
    // A component that is used less is taken for dead.
    const double LeastImportance = 0.01;

    // The share of the energy of all components that those count as alive which have it together.
    const double KeptEnergy = 0.95;

    readonly double[] outputs;
    readonly double[] inputs;
    readonly double[] gain;
    readonly (int Outputs, int Inputs) shape;

    /// <summary>Makes components.</summary>
    /// <param name="weight">The matrix.</param>
    /// <param name="outputs">The vectors U, <c>[components, outputs]</c>.</param>
    /// <param name="inputs">The vectors V, <c>[components, inputs]</c>.</param>
    /// <param name="importance">The mean importance of each; null where it is not known.</param>
    internal MatrixComponents(
        ProjectionWeight weight, double[] outputs, double[] inputs, ValueArray<double>? importance = null)
    {
        (Projection, HeadSize, gain) = (weight.Projection, weight.HeadSize, weight.Gain);
        shape = (weight.Outputs, weight.Inputs);
        (this.outputs, this.inputs, MeanImportance) = (outputs, inputs, importance);
        Energies = [.. Enumerable.Range(0, outputs.Length / shape.Outputs).Select(EnergyOf)];
    }

    /// <summary>Gets the singular values of the circuit of queries and keys, the largest first; null for components of
    /// another kind.</summary>
    public ValueArray<double>? CircuitValues { get; internal init; }

    /// <summary>Gets the matrix.</summary>
    public AttentionProjection Projection { get; }

    /// <summary>Gets the number of components.</summary>
    public int Count => Energies.Length;

    /// <summary>Gets the heads that the matrix has: query heads for queries and outputs, key/value heads for keys and
    /// values.</summary>
    public int HeadCount => (Projection == AttentionProjection.Output ? shape.Inputs : shape.Outputs) / HeadSize;

    /// <summary>Gets the size of a head.</summary>
    public int HeadSize { get; }

    /// <summary>Gets the energy of each component, <c>‖U_c‖² ‖V_c ⊙ γ‖²</c>, with the gain γ of the norm before the
    /// matrix; for singular vectors the square of the singular value.</summary>
    public ValueArray<double> Energies { get; }

    /// <summary>Gets the mean importance of each component, as the file of the decomposition has it; null if it has
    /// none.</summary>
    public ValueArray<double>? MeanImportance { get; }

    /// <summary>Gets the share of tokens at which each component was active where it was trained, in [0, 1], as the
    /// file of the decomposition has it; null if it has none.</summary>
    public ValueArray<double>? FiringDensities { get; internal init; }

    /// <summary>Gets the sign of the mean activation of each component, 1 or −1, as the file of the decomposition has
    /// it; null if it has none.</summary>
    public ValueArray<int>? Signs { get; internal init; }

    /// <summary>Gets the name of each component, as the file of the decomposition has it; null if it has
    /// none.</summary>
    public ValueArray<string>? Labels { get; internal init; }

    /// <summary>Returns what a component writes, <c>U_c</c>, <c>[outputs]</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component.</exception>
    public ReadOnlySpan<double> Output(int component) =>
        outputs.AsSpan(Checked(component) * shape.Outputs, shape.Outputs);

    /// <summary>Returns what a component reads, <c>V_c</c>, <c>[inputs]</c>: for queries, keys and values of the normed
    /// stream with its gain, for outputs of the head outputs, one head after the other.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component.</exception>
    public ReadOnlySpan<double> Input(int component) =>
        inputs.AsSpan(Checked(component) * shape.Inputs, shape.Inputs);

    /// <summary>Returns what a component reads of the normed stream before its gain, <c>V_c ⊙ γ</c>, <c>[inputs]</c>;
    /// for outputs <c>V_c</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component.</exception>
    public double[] Direction(int component)
    {
        var direction = new double[shape.Inputs];
        TensorPrimitives.Multiply(Input(component), gain, direction);
        return direction;
    }

    /// <summary>Returns the part of a component that belongs to a head, <c>[headSize]</c>: of U for queries, keys and
    /// values, of V for outputs.</summary>
    /// <param name="component">The component.</param>
    /// <param name="head">A head of <see cref="HeadCount"/>: a key/value head for keys and values.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component or head.</exception>
    public ReadOnlySpan<double> OfHead(int component, int head)
    {
        if ((uint)head >= (uint)HeadCount)
            throw new ArgumentOutOfRangeException(
                nameof(head), FormattableString.Invariant(
                    $"head {head} of the {Projection} matrix asked, it has heads 0 to {HeadCount - 1}."));
        var whole = Projection == AttentionProjection.Output ? Input(component) : Output(component);
        return whole.Slice(head * HeadSize, HeadSize);
    }

    /// <summary>Returns the activation <c>a_c = V_c · x</c> of a component.</summary>
    /// <param name="component">The component.</param>
    /// <param name="input">The input x of the matrix, <c>[inputs]</c>.</param>
    /// <exception cref="ArgumentException">The input has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component.</exception>
    public double Activation(int component, ReadOnlySpan<float> input) => input.Length == shape.Inputs
        ? RowMath.Dot(input, Input(component))
        : throw new ArgumentException(FormattableString.Invariant(
            $"{input.Length} numbers are given to the {Projection} matrix, expected its {shape.Inputs} inputs."));

    /// <summary>Returns the components that count, the strongest first: with a mean importance above 0.01 where it is
    /// known, else those that have 95 % of the energy together, or of the squares of the singular values of their
    /// circuit.</summary>
    /// <param name="most">The most components; null for any number.</param>
    public ImmutableArray<int> Alive(int? most = null)
    {
        double[] squares = CircuitValues is { } values ? [.. values.Select(value => value * value)] : [.. Energies];
        ValueArray<double> strength = MeanImportance ?? [.. squares];
        var order = Enumerable.Range(0, Count).OrderByDescending(component => strength[component]).ToList();
        var (all, sum) = (squares.Sum(), 0.0);
        var kept = MeanImportance is { } importance
            ? order.TakeWhile(component => importance[component] > LeastImportance)
            : order.TakeWhile(component =>
            {
                var isNeeded = sum < KeptEnergy * all;
                sum += squares[component];
                return isNeeded;
            });
        return [.. kept.Take(most ?? Count)];
    }

    /// <summary>Returns the sum of all components, <c>Σ U_c (V_c ⊙ γ)ᵀ</c>, <c>[outputs, inputs]</c>.</summary>
    internal Matrix<double> Sum()
    {
        if (Count == 0)
            return Matrix<double>.Build.Dense(shape.Outputs, shape.Inputs);
        double[] read = [.. Enumerable.Range(0, Count).SelectMany(Direction)];
        // Columns lie together there.
        return Matrix<double>.Build.Dense(shape.Outputs, Count, [.. outputs])
            .TransposeAndMultiply(Matrix<double>.Build.Dense(shape.Inputs, Count, read));
    }

    /// <summary>Throws if there is no such component.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    internal int Checked(int component) => (uint)component < (uint)Count
        ? component
        : throw new ArgumentOutOfRangeException(
            nameof(component), Count == 0
                ? $"component {component} of the {Projection} matrix asked, the decomposition has none of it."
                : FormattableString.Invariant(
                    $"component {component} of the {Projection} matrix asked, it has components 0 to {Count - 1}."));

    double EnergyOf(int component)
    {
        var written = outputs.AsSpan(component * shape.Outputs, shape.Outputs);
        var read = inputs.AsSpan(component * shape.Inputs, shape.Inputs);
        var (squares, readSquares) = (0.0, 0.0);
        foreach (var number in written)
            squares += number * number;
        for (var i = 0; i < read.Length; i++)
            readSquares += read[i] * gain[i] * (read[i] * gain[i]);
        return squares * readSquares;
    }
}

/// <summary>A matrix of attention.</summary>
public enum AttentionProjection
{
    /// <summary>The query matrix, with a block of outputs for each query head.</summary>
    Query,

    /// <summary>The key matrix, with a block of outputs for each key/value head.</summary>
    Key,

    /// <summary>The value matrix, with a block of outputs for each key/value head.</summary>
    Value,

    /// <summary>The output matrix, with a block of inputs for each query head.</summary>
    Output,
}
