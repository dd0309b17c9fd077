using System.Text;
using ILGPU.Backends.OpenCL;
using ILGPU.IR;

namespace RatIlgpu.Ilgpu;

/// <summary>Writes the OpenCL source of the leaves of <see cref="DotTile"/>.</summary>
static class DotTileSource
{
    const int Columns = 4;

    /// <summary>Registers the leaves.</summary>
    public static void Register(Context context)
    {
        Register(context, nameof(DotTile.OfF32), nameof(F32));
        Register(context, nameof(DotTile.OfF16), nameof(F16));
        Register(context, nameof(DotTile.OfBF16), nameof(BF16));
        Register(context, nameof(DotTile.OneOfF32), nameof(OneF32));
        Register(context, nameof(DotTile.OneOfF16), nameof(OneF16));
        Register(context, nameof(DotTile.OneOfBF16), nameof(OneBF16));
    }

    static void Register(Context context, string leaf, string writer) => context.GetIntrinsicManager().RegisterMethod(
        typeof(DotTile).GetMethod(leaf)!,
        new CLIntrinsic(typeof(DotTileSource), writer, IntrinsicImplementationMode.GenerateCode));

    static void F32(CLBackend _, CLCodeGenerator generator, Value call) => Write(generator, call, 4, "float", OfF32);

    static void F16(CLBackend _, CLCodeGenerator generator, Value call) => Write(generator, call, 4, "ushort", OfF16);

    static void BF16(CLBackend _, CLCodeGenerator generator, Value call) =>
        Write(generator, call, 4, "ushort", OfBF16);

    static void OneF32(CLBackend _, CLCodeGenerator generator, Value call) =>
        Write(generator, call, 1, "float", OfF32);

    static void OneF16(CLBackend _, CLCodeGenerator generator, Value call) =>
        Write(generator, call, 1, "ushort", OfF16);

    static void OneBF16(CLBackend _, CLCodeGenerator generator, Value call) =>
        Write(generator, call, 1, "ushort", OfBF16);

    static string OfF32(string loaded) => loaded;

    static string OfBF16(string loaded) => $"as_float8(convert_uint8({loaded}) << 16)";

    // The function FromF16.ToF32, of vectors.
    static string OfF16(string loaded)
    {
        var magnitude = $"(convert_uint8({loaded}) & 0x7FFFu)";
        var offset = $"select((uint8)0x70000000u, (uint8)0x38000000u, {magnitude} < 0x7C00u)";
        var subnormal = $"as_uint8(convert_float8({magnitude}) * 5.9604644775390625e-8f)";
        var bits = $"select(({magnitude} << 13) + {offset}, {subnormal}, {magnitude} < 0x400u)";
        return $"as_float8({bits} | (convert_uint8({loaded}) & 0x8000u) << 16)";
    }

    static void Write(
        CLCodeGenerator generator, Value call, int rows, string stored, Func<string, string> widen)
    {
        (string, string)[] row = rows == 1 ? [] : [("const long", "xRow"), ("const int", "rows")];
        var (target, source) = (generator.Allocate(call), generator.Builder);
        generator.VariableBuilder.AppendLine(
            CultureInfo.InvariantCulture, $"\t{generator.GetVariableType(target)} {target};");
        source.AppendLine("{");
        LeafSource.Bind(generator, call,
        [
            ("const float*", "x0"), .. row, ($"const {stored}*", "y0"), ("const long", "yColumn"),
            ("const int", "columns"), ("const int", "count"),
        ]);
        LeafSource.Append(source, 1, rows, i => $"const float* x{i} = x{i - 1} + ({i} < rows ? xRow : 0);");
        LeafSource.Append(
            source, 1, Columns, j => $"const {stored}* y{j} = y{j - 1} + ({j} < columns ? yColumn : 0);");
        for (var i = 0; i < rows; i++)
            LeafSource.Append(source, 0, Columns, j => $"float8 sum{i}{j} = 0.0f;");
        source.AppendLine("int k = 0;");
        source.AppendLine("for (; k <= count - 8; k += 8) {");
        Step(source, rows, i => $"vload8(0, x{i} + k)", j => widen($"vload8(0, y{j} + k)"));
        source.AppendLine("}");
        source.AppendLine("if (k < count) {");
        Rest(source, rows, stored);
        Step(source, rows, i => $"vload8(0, restX[{i}])", j => widen($"vload8(0, restY[{j}])"));
        source.AppendLine("}");
        for (var i = 0; i < rows; i++)
            Store(source, i, $"{target}");
        source.AppendLine("}");
    }

    static void Step(StringBuilder source, int rows, Func<int, string> x, Func<int, string> y)
    {
        LeafSource.Append(source, 0, rows, i => $"const float8 a{i} = {x(i)};");
        for (var j = 0; j < Columns; j++)
        {
            source.AppendLine(CultureInfo.InvariantCulture, $"const float8 b{j} = {y(j)};");
            LeafSource.Append(source, 0, rows, i => $"sum{i}{j} = fma(a{i}, b{j}, sum{i}{j});");
        }
    }

    // Fewer than eight numbers, with zeros behind them.
    static void Rest(StringBuilder source, int rows, string stored)
    {
        source.AppendLine(CultureInfo.InvariantCulture, $"float restX[{rows}][8] = {{ {{ 0 }} }};");
        source.AppendLine(CultureInfo.InvariantCulture, $"{stored} restY[{Columns}][8] = {{ {{ 0 }} }};");
        source.AppendLine("for (int i = 0; i < count - k; i++) {");
        LeafSource.Append(source, 0, rows, i => $"restX[{i}][i] = x{i}[k + i];");
        LeafSource.Append(source, 0, Columns, j => $"restY[{j}][i] = y{j}[k + i];");
        source.AppendLine("}");
    }

    // Adds the eight lanes of each of four vectors.
    static void Store(StringBuilder source, int row, string target)
    {
        source.AppendLine("{");
        LeafSource.Append(
            source, 0, Columns / 2,
            j => $"const float8 low{j} = (float8)(sum{row}{2 * j}.lo, sum{row}{2 * j + 1}.lo);");
        LeafSource.Append(
            source, 0, Columns / 2,
            j => $"const float8 high{j} = (float8)(sum{row}{2 * j}.hi, sum{row}{2 * j + 1}.hi);");
        source.AppendLine("const float8 pair0 = low0 + high0;");
        source.AppendLine("const float8 pair1 = low1 + high1;");
        source.AppendLine("const float8 all = (float8)(pair0.s01, pair0.s45, pair1.s01, pair1.s45)");
        source.AppendLine(" + (float8)(pair0.s23, pair0.s67, pair1.s23, pair1.s67);");
        source.AppendLine("const float4 sums = all.even + all.odd;");
        LeafSource.Append(source, 0, Columns, j => $"{target}.field_{row * Columns + j} = sums.s{j};");
        source.AppendLine("}");
    }
}
