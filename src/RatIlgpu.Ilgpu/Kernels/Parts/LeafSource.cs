using System.Text;
using ILGPU.Backends.OpenCL;
using ILGPU.IR;

namespace RatIlgpu.Ilgpu;

/// <summary>Writes the OpenCL source of leaves.</summary>
static class LeafSource
{
    /// <summary>Gives the arguments of a call names.</summary>
    public static void Bind(CLCodeGenerator generator, Value call, ReadOnlySpan<(string Type, string Name)> parameters)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            var (type, name) = parameters[i];
            using var statement = generator.BeginStatement($"{type} {name} = ({type})");
            statement.Append(generator.Load(call[i]));
        }
    }

    /// <summary>Writes a line for each number from <paramref name="first"/> to before <paramref name="end"/>.</summary>
    public static void Append(StringBuilder source, int first, int end, Func<int, FormattableString> line)
    {
        for (var i = first; i < end; i++)
            source.AppendLine(line(i).ToString(CultureInfo.InvariantCulture));
    }
}
