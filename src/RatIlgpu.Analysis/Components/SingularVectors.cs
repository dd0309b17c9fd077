using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace RatIlgpu.Analysis;

/// <summary>Makes components of the singular vectors of a matrix.</summary>
static class SingularVectors
{
    /// <summary>Returns the components, the largest singular value first.</summary>
    /// <param name="weight">The matrix.</param>
    /// <param name="byHead">Whether the block of each head is decomposed by itself.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    public static MatrixComponents Of(
        ProjectionWeight weight, bool byHead, CancellationToken cancellation = default)
    {
        var (outputs, inputs) = (weight.Outputs, weight.Inputs);
        var folded = weight.Folded();
        var blocks = byHead ? HeadBlocks(weight) : [(0, outputs, 0, inputs)];
        var found = blocks.SelectMany(block => Parts(folded, block, cancellation))
            .OrderByDescending(part => part.Value).ToArray();
        var (written, read) = (new double[found.Length * outputs], new double[found.Length * inputs]);
        foreach (var (place, part) in found.Index())
            Place(part, weight, written.AsSpan(place * outputs, outputs), read.AsSpan(place * inputs, inputs));
        return new(weight, written, read);
    }

    // Of the output matrix, the heads are blocks of columns.
    static IEnumerable<(int Row, int Rows, int Column, int Columns)> HeadBlocks(ProjectionWeight weight)
    {
        var (size, isOutput) = (weight.HeadSize, weight.Projection == AttentionProjection.Output);
        for (var start = 0; start < (isOutput ? weight.Inputs : weight.Outputs); start += size)
            yield return isOutput ? (0, weight.Outputs, start, size) : (start, size, 0, weight.Inputs);
    }

    static IEnumerable<Part> Parts(
        Matrix<double> whole,
        (int Row, int Rows, int Column, int Columns) block,
        CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var matrix = whole.SubMatrix(block.Row, block.Rows, block.Column, block.Columns);
        var (left, values, right) = Thin(matrix);
        for (var place = 0; place < values.Count; place++)
        {
            var (output, input) = (left.Column(place).ToArray(), right.Column(place).ToArray());
            var isNegative = output.MaxBy(Math.Abs) < 0;
            yield return new(
                values[place], isNegative ? -1 : 1, (block.Row, output), (block.Column, input));
        }
    }

    // A matrix with a long side is first made square by an orthogonal factor: the library's singular vectors of the
    // long side are as many as it has places.
    static (Matrix<double> Left, Vector<double> Values, Matrix<double> Right) Thin(Matrix<double> matrix)
    {
        if (matrix.RowCount < matrix.ColumnCount)
        {
            var (right, values, left) = Thin(matrix.Transpose());
            return (left, values, right);
        }

        if (matrix.RowCount == matrix.ColumnCount)
        {
            var svd = matrix.Svd();
            return (svd.U, svd.S, svd.VT.Transpose());
        }

        var turned = matrix.QR(QRMethod.Thin);
        var square = turned.R.Svd();
        return (turned.Q * square.U, square.S, square.VT.Transpose());
    }

    static void Place(Part part, ProjectionWeight weight, Span<double> written, Span<double> read)
    {
        var root = part.Sign * Math.Sqrt(part.Value);
        for (var i = 0; i < part.Output.Numbers.Length; i++)
            written[part.Output.Start + i] = root * part.Output.Numbers[i];
        for (var i = 0; i < part.Input.Numbers.Length; i++)
            if (weight.Gain[part.Input.Start + i] is var gain and not 0)
                read[part.Input.Start + i] = root * part.Input.Numbers[i] / gain;
    }

    sealed record Part(
        double Value, int Sign, (int Start, double[] Numbers) Output, (int Start, double[] Numbers) Input);
}
