using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace RatIlgpu.Package.Tests;

/// <summary>Fills records twice with the same values, to see whether the two are equal.</summary>
public static class RecordEquality
{
    /// <summary>Returns the public records of an assembly that have values of their own.</summary>
    public static IEnumerable<Type> RecordsOf(Assembly assembly) => assembly.GetExportedTypes().Where(type =>
        type is { IsAbstract: false, ContainsGenericParameters: false }
        && type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null);

    /// <summary>Returns the record twice, with equal values in every field and nothing shared.</summary>
    public static (object One, object Other) Twins(Type record) => (Make(record)!, Make(record)!);

    /// <summary>Returns the record with one field changed, once for each field whose value can be changed.</summary>
    public static IEnumerable<(string Field, object Changed)> Changes(Type record)
    {
        foreach (var field in FieldsOf(record))
        {
            var changed = Make(record)!;
            if (Another(field.GetValue(changed)) is not { } value)
                continue;
            field.SetValue(changed, value);
            yield return (field.Name, changed);
        }
    }

    // Null where no other value is known.
    static object? Another(object? value) => value switch
    {
        string text => text + "b",
        bool truth => !truth,
        Enum constant => Enum.ToObject(constant.GetType(), 77),
        Index place => new Index(place.Value + 1, fromEnd: true),
        IConvertible number => Convert.ChangeType(2, number.GetType(), null),
        IEnumerable when value.GetType() is { IsGenericType: true, IsValueType: true } type => Empty(type),
        _ => null,
    };

    static object? Empty(Type type) =>
        type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) ? type.GetField("Empty")!.GetValue(null)
        : type.GetGenericTypeDefinition() == typeof(ValueArray<>) ? Activator.CreateInstance(type)
        : null;

    // What only tells where something is (a probe, a tensor, a delegate) stays null.
    static object? Make(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Make(inner);
        if (type == typeof(string))
            return new string('a', 3);
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(0);
        if (type.IsPrimitive)
            return Convert.ChangeType(1, type, null);
        if (type == typeof(Index))
            return new Index(1, fromEnd: true);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
            return Filled(type.GenericTypeArguments[0], typeof(Collections<>), "Array");
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueArray<>))
            return Filled(type.GenericTypeArguments[0], typeof(Collections<>), "Value");
        if (type == typeof(ImmutableSortedDictionary<int, double>))
            return ImmutableSortedDictionary<int, double>.Empty.Add(1, 0.5);
        var isOurs = type.Namespace!.StartsWith("RatIlgpu", StringComparison.Ordinal) && !type.IsAbstract;
        return isOurs && (type.IsValueType || type.GetMethod("<Clone>$") is not null) ? Fill(type) : null;
    }

    static object Fill(Type type)
    {
        var made = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var field in FieldsOf(type))
            if (Make(field.FieldType) is { } value)
                field.SetValue(made, value);
        return made;
    }

    static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var level = type; level is not null && level != typeof(object); level = level.BaseType)
            foreach (var field in level.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                yield return field;
    }

    static object Filled(Type element, Type maker, string method) => maker.MakeGenericType(element)
        .GetMethod(method, BindingFlags.Static | BindingFlags.Public)!
        .Invoke(null, [new[] { Make(element), Make(element) }])!;

    static class Collections<T>
    {
        public static ImmutableArray<T> Array(IEnumerable items) => [.. items.Cast<T>()];

        public static ValueArray<T> Value(IEnumerable items) => [.. items.Cast<T>()];
    }
}
