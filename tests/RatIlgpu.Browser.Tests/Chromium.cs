using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;
using RatIlgpu.Browser.Tests;
using RatIlgpu.Testing;

[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace RatIlgpu.Browser.Tests;

/// <summary>One browser for all tests, started by the first that needs it.</summary>
public sealed class Chromium : IDisposable
{
    static readonly string[] arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1366,900",
    ];

    static string Folders => Environment.GetEnvironmentVariable("PATH") ?? "";

    readonly TemporaryFolder profile = new();
    readonly Lazy<ChromeDriver> driver;

    public Chromium() => driver = new(Start);

    /// <summary>Gets the running browser; skips the test where there is none, but in continuous integration, where one
    /// has to be, fails it.</summary>
    public ChromeDriver Driver
    {
        get
        {
            if (Missing(Folders) is not { } missing)
                return driver.Value;
            var reason = $"{missing} is not on the path: apt-get install chromium chromium-driver.";
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Assert.Fail(reason);
            Assert.Skip(reason);
            throw new InvalidOperationException(reason);
        }
    }

    public void Dispose()
    {
        if (driver.IsValueCreated)
            driver.Value.Dispose();
        profile.Dispose();
    }

    ChromeDriver Start()
    {
        var options = new ChromeOptions { BinaryLocation = Find("chromium", Folders) };
        options.AddArguments(arguments);
        options.AddArgument($"--user-data-dir={profile.Root}");
        options.SetLoggingPreference(LogType.Browser, LogLevel.All);
        options.SetLoggingPreference(LogType.Performance, LogLevel.All);
        // Named, so that nothing looks for one elsewhere.
        var service = ChromeDriverService.CreateDefaultService(Path.GetDirectoryName(Find("chromedriver", Folders)));
        return new ChromeDriver(service, options);
    }

    /// <summary>Returns the first program that is in none of the folders; null if none is missing.</summary>
    internal static string? Missing(string folders) =>
        new[] { "chromium", "chromedriver" }.FirstOrDefault(name => Find(name, folders) is null);

    /// <summary>Returns where a program is; null if it is in none of the folders.</summary>
    internal static string? Find(string name, string folders) => folders
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);
}
