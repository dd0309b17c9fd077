using System.Reflection;

namespace RatIlgpu.Ilgpu;

/// <summary>Measures how long each kernel takes, from its start to its disposal: every launch of every device of ILGPU
/// in this process lies between two events of its stream. One profile at a time.</summary>
/// <remarks>An accelerator that waits for the next launch waits between the two events, so of a kernel that takes less
/// time than its launch the time is that of the launch. The CPU accelerator launches and waits.</remarks>
public sealed class KernelProfile : IDisposable
{
    static KernelProfile? current;

    readonly Lock gate = new();
    readonly List<(MethodInfo Kernel, ProfilingMarker Start, ProfilingMarker End)> launches = [];

    KernelProfile()
    {
    }

    /// <summary>Starts a profile.</summary>
    /// <exception cref="InvalidOperationException">Another one was started and not disposed.</exception>
    public static KernelProfile Start()
    {
        var profile = new KernelProfile();
        return Interlocked.CompareExchange(ref current, profile, null) is null
            ? profile
            : throw new InvalidOperationException("A profile of kernels is already running; dispose it first.");
    }

    /// <summary>Waits for the launches so far, and returns their times by kernel, the longest first.</summary>
    /// <remarks>The devices must not have been disposed.</remarks>
    public ImmutableArray<KernelTime> Times()
    {
        lock (gate)
            return
            [
                .. from launch in launches
                   group (launch.End - launch.Start).TotalSeconds by NameOf(launch.Kernel) into times
                   orderby times.Sum() descending, times.Key
                   select new KernelTime(times.Key, times.Count(), times.Sum()),
            ];
    }

    /// <summary>Ends the profile.</summary>
    public void Dispose()
    {
        Interlocked.CompareExchange(ref current, null, this);
        lock (gate)
        {
            foreach (var (_, start, end) in launches)
            {
                DriverFailure.Ignore(start.Dispose);
                DriverFailure.Ignore(end.Dispose);
            }

            launches.Clear();
        }
    }

    /// <summary>Puts an event before a launch, and one after it when the result is disposed, if a profile is running;
    /// the caller holds the lock of the accelerator.</summary>
    internal static Measured Measure(Delegate kernel, AcceleratorStream stream) => new(current, kernel, stream);

    /// <summary>Returns the name of a kernel, and the types it is compiled for.</summary>
    internal static string NameOf(MethodInfo kernel)
    {
        var types = kernel.GetGenericArguments().Select(type => type.Name.Split('`')[0]);
        return string.Join(' ', types.Prepend(kernel.DeclaringType!.Name));
    }

    void Note(Delegate kernel, ProfilingMarker start, ProfilingMarker end)
    {
        lock (gate)
            launches.Add((kernel.Method, start, end));
    }

    /// <summary>A launch that is measured; nothing where no profile is running.</summary>
    internal readonly ref struct Measured(KernelProfile? profile, Delegate kernel, AcceleratorStream stream)
    {
        readonly ProfilingMarker? start = profile is null ? null : stream.AddProfilingMarker();

        /// <summary>Puts the event after the launch.</summary>
        public void Dispose()
        {
            if (start is not null)
                profile!.Note(kernel, start, stream.AddProfilingMarker());
        }
    }
}

/// <summary>How long a kernel took.</summary>
/// <param name="Kernel">Its name, and the types it was compiled for.</param>
/// <param name="Launches">How often it was launched.</param>
/// <param name="Seconds">The time of all launches.</param>
public sealed record KernelTime(string Kernel, int Launches, double Seconds);
