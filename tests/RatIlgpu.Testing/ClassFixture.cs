namespace RatIlgpu.Testing;

/// <summary>What the tests of one class share: opened by the first test that needs it, disposed after the last.
/// </summary>
/// <remarks>Opening a device, compiling its kernels and writing a checkpoint take longer than most tests. The contract
/// asks for this fixture, so that the classes derived from it need no constructor.</remarks>
public sealed class ClassFixture : IDisposable
{
    readonly Stack<IDisposable> opened = [];

    /// <summary>Returns the object of a type that the running test's class shares.</summary>
    /// <param name="open">Makes it; called once a class, unless it throws.</param>
    public static T Shared<T>(Func<T> open)
        where T : class, IDisposable
    {
        var fixture = TestContext.Current.GetFixture<ClassFixture>().AsTask().GetAwaiter().GetResult()
            ?? throw new InvalidOperationException($"The test class has no {nameof(ClassFixture)}.");
        if (fixture.opened.OfType<T>().FirstOrDefault() is { } known)
            return known;
        var made = open();
        fixture.opened.Push(made);
        return made;
    }

    /// <summary>Disposes everything, the last opened first.</summary>
    public void Dispose()
    {
        foreach (var one in opened)
            one.Dispose();
    }
}
