using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace RatIlgpu.Analysis;

/// <summary>Makes components of the circuit of queries and keys of one head: of the bilinear form that makes a score of
/// two normed streams at a distance.</summary>
/// <remarks>With the gain of the norm folded in, the form is <c>M = W_qᵀ T W_k</c>. T is <c>R_δᵀ</c>, where R_δ rotates
/// by the distance, or <c>diag(γ_q) R_δᵀ diag(γ_k)</c> with the gains of a norm of heads, whose scale is left out. Its
/// singular vectors l and r are what queries and keys read; they write <c>U = W_q l</c> and <c>U = W_k r</c>, so that
/// at the distance component c of the queries meets component c of the keys alone, with the score
/// <c>σ_c / √d</c>.</remarks>
static class QueryKeyVectors
{
    /// <summary>Returns the components of queries and of keys, the largest singular value first. What other heads have
    /// of both matrices belongs to no component.</summary>
    /// <param name="model">The model.</param>
    /// <param name="query">The query matrix.</param>
    /// <param name="key">The key matrix.</param>
    /// <param name="circuit">The head and the distance.</param>
    public static (MatrixComponents Query, MatrixComponents Key) Of(
        Qwen2Model model, ProjectionWeight query, ProjectionWeight key, QueryKeyCircuit circuit)
    {
        var (config, head) = (model.Config, circuit.Head.Head);
        var (own, read) = (Block(query, head), Block(key, head / config.GroupSize));
        var (left, values, right) = Vectors(own, Turn(model, circuit), read);
        ValueArray<double> strengths = [.. values];
        var signs = new int[values.Count];
        var written = new Matrix<double>[] { own * left, read * right };
        // Both vectors turn together: the singular value stays positive.
        for (var place = 0; place < signs.Length; place++)
            signs[place] = written[0].Column(place).MaxBy(Math.Abs) < 0 ? -1 : 1;
        return (
            Made(query, head, written[0], left, signs, strengths),
            Made(key, head / config.GroupSize, written[1], right, signs, strengths));
    }

    static Matrix<double> Block(ProjectionWeight weight, int head) =>
        weight.Folded().SubMatrix(head * weight.HeadSize, weight.HeadSize, 0, weight.Inputs);

    // [headSize, headSize]: what number j of a key is to number i of a query.
    static Matrix<double> Turn(Qwen2Model model, QueryKeyCircuit circuit)
    {
        var (size, weights) = (model.Config.HeadSize, model.Weights.Layers[circuit.Head.Layer]);
        var turns = new HeadTurns(model.Config, circuit.Distance + 1);
        var (queries, keys) = (Turned(weights.QueryGain, circuit.Distance), Turned(weights.KeyGain, 0));
        return queries * keys.Transpose();

        Matrix<double> Turned(Tensor? gain, int position)
        {
            var factors = gain is null ? null : model.Rows(gain, 0);
            var rows = new double[size][];
            for (var row = 0; row < size; row++)
            {
                rows[row] = new double[size];
                rows[row][row] = factors is null ? 1 : factors[row];
                turns.Turn(position, rows[row]);
            }

            return Matrix<double>.Build.DenseOfRowArrays(rows);
        }
    }

    // Of a product of narrow matrices, the singular vectors are those of the small product between their orthogonal
    // factors.
    static (Matrix<double> Left, Vector<double> Values, Matrix<double> Right) Vectors(
        Matrix<double> own, Matrix<double> turn, Matrix<double> read)
    {
        if (own.ColumnCount < own.RowCount)
        {
            var whole = (own.TransposeThisAndMultiply(turn) * read).Svd();
            return (whole.U, whole.S, whole.VT.Transpose());
        }

        var (queries, keys) = (own.Transpose().QR(QRMethod.Thin), read.Transpose().QR(QRMethod.Thin));
        var core = (queries.R * turn).TransposeAndMultiply(keys.R).Svd();
        return (queries.Q * core.U, core.S, keys.Q * core.VT.Transpose());
    }

    static MatrixComponents Made(
        ProjectionWeight weight,
        int head,
        Matrix<double> written,
        Matrix<double> read,
        int[] signs,
        ValueArray<double> strengths)
    {
        var (outputs, inputs) = (
            new double[signs.Length * weight.Outputs], new double[signs.Length * weight.Inputs]);
        foreach (var (component, sign) in signs.Index())
        {
            for (var i = 0; i < weight.HeadSize; i++)
                outputs[(component * weight.Outputs) + (head * weight.HeadSize) + i] = sign * written[i, component];
            for (var i = 0; i < weight.Inputs; i++)
                if (weight.Gain[i] is var gain and not 0)
                    inputs[(component * weight.Inputs) + i] = sign * read[i, component] / gain;
        }

        return new(weight, outputs, inputs) { CircuitValues = strengths };
    }
}
