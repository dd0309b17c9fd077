using MathNet.Numerics.LinearAlgebra;

namespace RatIlgpu.Analysis;

/// <summary>What a decomposition says of one matrix.</summary>
/// <param name="Projection">The matrix.</param>
/// <param name="Count">The number of its components.</param>
/// <param name="AliveCount">The number of those that count, by importance or by 95 % of the energy.</param>
/// <param name="Components">Those that are reported, the strongest first.</param>
/// <param name="EnergyShares">Their shares of the energy of all components.</param>
/// <param name="Importances">Their mean importance, as the file of the decomposition has it; null if it has
/// none.</param>
/// <param name="Strengths">The strength of every component, the largest first: its mean importance, or where the file
/// has none the norm <c>‖U_c‖ ‖V_c ⊙ γ‖</c>, which is the singular value of singular vectors; of a circuit of queries
/// and keys its singular value.</param>
/// <param name="DeltaShare">What the components do not have of the matrix, <c>‖Δ‖ / ‖W‖</c> with the gain of the norm
/// before it; null for a matrix of zeros.</param>
/// <param name="Norms">The part of each component in each head, <c>[component, head]</c>.</param>
/// <param name="Spreads">How each is spread over the heads.</param>
/// <param name="Weights">The weights, <c>[part, row, column]</c>: the matrix, the sum of all components, the delta and
/// the reported components, each with the gain of the norm before it. Blocks of numbers are one cell, which has that
/// with the largest magnitude.</param>
public sealed record MatrixReport(
    AttentionProjection Projection,
    int Count,
    int AliveCount,
    ValueArray<int> Components,
    ValueArray<double> EnergyShares,
    ValueArray<double>? Importances,
    ValueArray<double> Strengths,
    double? DeltaShare,
    LabelledArray Norms,
    ValueArray<HeadSpread> Spreads,
    LabelledArray Weights)
{
    /// <summary>Gets the shares of tokens at which the reported components were active where they were trained, as the
    /// file of the decomposition has them; null if it has none.</summary>
    public ValueArray<double>? FiringDensities { get; init; }

    /// <summary>Gets the names of the reported components, as the file of the decomposition has them; null if it has
    /// none.</summary>
    public ValueArray<string>? Labels { get; init; }

    const int MostCells = 64;

    /// <summary>Reports a matrix.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decomposition">The decomposition.</param>
    /// <param name="projection">The matrix.</param>
    /// <param name="most">The most components; null for all that count.</param>
    /// <exception cref="ArgumentException">The decomposition is of another model.</exception>
    public static MatrixReport Of(
        Qwen2Model model, Decomposition decomposition, AttentionProjection projection, int? most = null)
    {
        decomposition.CheckFor(ModelFingerprint.Of(model));
        var matrix = decomposition[projection];
        var (alive, energy) = (matrix.Alive(), matrix.Energies.Sum());
        var chosen = matrix.Alive(most);
        var weight = ProjectionWeight.Of(model, decomposition.Layer, projection);
        var (whole, sum) = (weight.Folded(), matrix.Sum());
        var delta = whole - sum;
        var length = whole.FrobeniusNorm();
        IEnumerable<double> strengths = (matrix.MeanImportance ?? matrix.CircuitValues) is { } known
            ? known
            : matrix.Energies.Select(Math.Sqrt);
        return new(
            projection, matrix.Count, alive.Length, chosen,
            [.. chosen.Select(component => energy > 0 ? matrix.Energies[component] / energy : 0)],
            matrix.MeanImportance is { } importance ? [.. chosen.Select(component => importance[component])] : null,
            [.. strengths.OrderDescending()],
            length > 0 ? delta.FrobeniusNorm() / length : null,
            ComponentHeads.Norms(matrix, chosen),
            [.. chosen.Select(component => HeadSpread.Of(ComponentHeads.NormsOf(matrix, component)))],
            Drawn(weight, matrix, [("matrix", whole), ("sum", sum), ("delta", delta)], chosen))
        {
            FiringDensities = matrix.FiringDensities is { } fires ? [.. chosen.Select(one => fires[one])] : null,
            Labels = matrix.Labels is { } labels ? [.. chosen.Select(one => labels[one])] : null,
        };
    }

    /// <summary>Returns the number of a reported component, with its name where it has one.</summary>
    /// <param name="place">Its place among those reported.</param>
    public string NameOf(int place) => SplitScores.Label(Components[place])
        + (Labels?[place] is { Length: > 0 } label ? $" {label}" : "");

    static LabelledArray Drawn(
        ProjectionWeight weight,
        MatrixComponents matrix,
        (string Name, Matrix<double> Numbers)[] parts,
        ImmutableArray<int> chosen)
    {
        var isOutput = weight.Projection == AttentionProjection.Output;
        var rows = BlockOf(weight.Outputs, isOutput ? null : weight.HeadSize);
        var columns = BlockOf(weight.Inputs, isOutput ? weight.HeadSize : null);
        var (high, wide) = (Cells(weight.Outputs, rows), Cells(weight.Inputs, columns));
        var values = new List<double?>();
        foreach (var (_, numbers) in parts)
            values.AddRange(Largest(numbers, (rows, columns), (high, wide)));
        foreach (var component in chosen)
        {
            // The largest product of a block is that of the largest numbers of both sides.
            var written = Largest(matrix.Output(component), rows, high);
            var read = Largest(matrix.Direction(component), columns, wide);
            values.AddRange(written.SelectMany(one => read.Select(other => (double?)(one * other))));
        }

        return new(
            [
                new("part", [.. parts.Select(part => part.Name), .. chosen.Select(SplitScores.Label)]),
                new("row", CellLabels(high, rows, isOutput ? null : weight.HeadSize)),
                new("column", CellLabels(wide, columns, isOutput ? weight.HeadSize : null)),
            ],
            [.. values]);
    }

    static double?[] Largest(
        Matrix<double> numbers, (int Rows, int Columns) block, (int High, int Wide) cells)
    {
        var found = new double?[cells.High * cells.Wide];
        for (var row = 0; row < numbers.RowCount; row++)
            for (var column = 0; column < numbers.ColumnCount; column++)
            {
                ref var cell = ref found[(row / block.Rows * cells.Wide) + (column / block.Columns)];
                if (cell is not { } known || Math.Abs(numbers[row, column]) > Math.Abs(known))
                    cell = numbers[row, column];
            }

        return found;
    }

    static double[] Largest(ReadOnlySpan<double> numbers, int block, int cells)
    {
        var found = new double[cells];
        foreach (var (place, number) in numbers.ToArray().Index())
            if (Math.Abs(number) > Math.Abs(found[place / block]))
                found[place / block] = number;
        return found;
    }

    // Blocks do not cross heads: their size divides that of a head.
    static int BlockOf(int length, int? headSize)
    {
        var least = Cells(length, MostCells);
        return headSize is not { } size
            ? least
            : Enumerable.Range(1, size).First(block => size % block == 0 && (block >= least || block == size));
    }

    static int Cells(int length, int block) => (length + block - 1) / block;

    static ValueArray<string> CellLabels(int count, int block, int? headSize) =>
    [
        .. Enumerable.Range(0, count).Select(cell => headSize is { } size
            ? FormattableString.Invariant($"{cell * block / size}:{cell * block % size}")
            : SplitScores.Label(cell * block)),
    ];
}
