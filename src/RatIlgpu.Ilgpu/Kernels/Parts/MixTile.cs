using System.Runtime.CompilerServices;
using ILGPU.Backends.OpenCL;
using ILGPU.IR;

namespace RatIlgpu.Ilgpu;

/// <summary>The leaf that mixes values on processors; on OpenCL it computes with vectors along the values.</summary>
static class MixTile
{
    /// <summary>The most neighbouring numbers that one call adds to.</summary>
    public const int Columns = 8;

    /// <summary>Adds to up to eight neighbouring numbers of up to four rows: <c>mixed[i, m] += Σₖ weights[i, k]·
    /// value[k, m]</c>.</summary>
    /// <param name="weights">The weights; the stride of a row is that of <see cref="Limits.ProcessorKeys"/>.</param>
    /// <param name="value">The values.</param>
    /// <param name="valueRow">The stride from one key to the next.</param>
    /// <param name="keys">The number of keys.</param>
    /// <param name="mixed">The sums.</param>
    /// <param name="mixedRow">The stride of the sums from one row to the next.</param>
    /// <param name="rows">1 to 4.</param>
    /// <param name="columns">1 to 8.</param>
    [IntrinsicImplementation]
    public static void Add(
        ref float weights, ref float value, long valueRow, int keys, ref float mixed, long mixedRow, int rows,
        int columns)
    {
        for (var i = 0; i < rows; i++)
            for (var m = 0; m < columns; m++)
            {
                ref var sum = ref Unsafe.Add(ref mixed, (nint)mixedRow * i + m);
                for (var k = 0; k < keys; k++)
                    sum = MathF.FusedMultiplyAdd(
                        Unsafe.Add(ref weights, i * Limits.ProcessorKeys + k),
                        Unsafe.Add(ref value, (nint)valueRow * k + m), sum);
            }
    }
}

/// <summary>Writes the OpenCL source of <see cref="MixTile"/>.</summary>
static class MixTileSource
{
    const int Rows = 4;

    /// <summary>Registers the leaf.</summary>
    public static void Register(Context context) => context.GetIntrinsicManager().RegisterMethod(
        typeof(MixTile).GetMethod(nameof(MixTile.Add))!,
        new CLIntrinsic(typeof(MixTileSource), nameof(Write), IntrinsicImplementationMode.GenerateCode));

    static void Write(CLBackend _, CLCodeGenerator generator, Value call)
    {
        (string Type, string Name)[] parameters =
        [
            ("const float*", "w0"), ("const float*", "value"), ("const long", "valueRow"), ("const int", "keys"),
            ("float*", "mixed0"), ("const long", "mixedRow"), ("const int", "rows"), ("const int", "columns"),
        ];
        var source = generator.Builder;
        source.AppendLine("{");
        LeafSource.Bind(generator, call, parameters);
        LeafSource.Append(
            source, 1, Rows, i => $"const float* w{i} = w{i - 1} + ({i} < rows ? {Limits.ProcessorKeys} : 0);");
        LeafSource.Append(source, 1, Rows, i => $"float* mixed{i} = mixed{i - 1} + ({i} < rows ? mixedRow : 0);");
        source.AppendLine("if (columns == 8) {");
        LeafSource.Append(source, 0, Rows, i => $"float8 sum{i} = vload8(0, mixed{i});");
        source.AppendLine("for (int k = 0; k < keys; k++) {");
        source.AppendLine("const float8 v = vload8(0, value + k * valueRow);");
        LeafSource.Append(source, 0, Rows, i => $"sum{i} = fma((float8)w{i}[k], v, sum{i});");
        source.AppendLine("}");
        LeafSource.Append(source, 0, Rows, i => $"vstore8(sum{i}, 0, mixed{i});");
        source.AppendLine("} else for (int m = 0; m < columns; m++) {");
        LeafSource.Append(source, 0, Rows, i => $"float sum{i} = mixed{i}[m];");
        source.AppendLine("for (int k = 0; k < keys; k++) {");
        LeafSource.Append(source, 0, Rows, i => $"sum{i} = fma(w{i}[k], value[k * valueRow + m], sum{i});");
        source.AppendLine("}");
        LeafSource.Append(source, 0, Rows, i => $"mixed{i}[m] = sum{i};");
        source.AppendLine("}");
        source.AppendLine("}");
    }
}
