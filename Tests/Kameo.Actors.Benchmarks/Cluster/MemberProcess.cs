using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Kameo.Actors.Benchmarks.Cluster;

/// <summary>A line that a member reported, with its time in milliseconds on the clock that all processes of a machine share.</summary>
internal sealed record MemberEvent(string Name, double At, JsonElement Body)
{
    /// <summary>Of a view: the ids of its members.</summary>
    public IReadOnlyList<string> Members { get; } = Name == "view" ? [.. Body.GetProperty("members").EnumerateArray().Select(static one => one.GetString()!)] : [];

    /// <summary>Of a view: how many are up.</summary>
    public int Up => Body.GetProperty("up").GetInt32();

    /// <summary>Of a view: how many agree on views.</summary>
    public int Stewards => Body.GetProperty("stewards").GetInt32();
}

/// <summary>One node with membership as a process of its own, the same program as in the end-to-end tests: commands in, events out.</summary>
internal sealed class MemberProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static readonly string s_program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory,
        typeof(MemberProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "ClusterNodeProgram").Value!));

    private readonly Process _process;
    private readonly List<MemberEvent> _events = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MemberProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
    }

    /// <summary>Its id.</summary>
    public string Id { get; private set; } = string.Empty;

    /// <summary>Its process.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Where it is reached.</summary>
    public string Address { get; private set; } = string.Empty;

    /// <summary>When it began to listen.</summary>
    public double ReadyAt { get; private set; }

    /// <summary>How many events it reported.</summary>
    public int EventCount
    {
        get
        {
            lock (_events)
            {
                return _events.Count;
            }
        }
    }

    /// <summary>Starts one and waits until it listens.</summary>
    public static Task<MemberProcess> StartAsync(CancellationToken cancellation, params string[] arguments)
    {
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return StartAsync(new ProcessStartInfo(dotnet, [s_program, .. arguments]), cancellation);
    }

    /// <summary>Starts one by another program that reports as the usual one does, and waits until it listens.</summary>
    public static async Task<MemberProcess> StartAsync(ProcessStartInfo start, CancellationToken cancellation)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true; // Warnings of what is done here on purpose.
        var member = new MemberProcess(Process.Start(start)!);
        member._process.BeginErrorReadLine();
        MemberEvent ready;
        try
        {
            ready = await member.WaitAsync(static one => one.Name == "ready", 0, cancellation);
        }
        catch
        {
            await member.DisposeAsync(); // Nobody else knows it.
            throw;
        }

        member.ProcessId = member._process.Id;
        member.Id = ready.Body.GetProperty("id").GetString()!;
        member.Address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ready.Body.GetProperty("port").GetInt32()}");
        member.ReadyAt = ready.At;
        return member;
    }

    /// <summary>Sends a command.</summary>
    public void Send(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    /// <summary>Sends a command and waits for the event that answers it.</summary>
    public async Task<MemberEvent> AskAsync(string command, string answer, CancellationToken cancellation)
    {
        int from = EventCount;
        Send(command);
        return await WaitAsync(one => one.Name == answer, from, cancellation);
    }

    /// <summary>Waits for an event, one of those from an index on.</summary>
    /// <exception cref="TimeoutException">It did not come within a minute.</exception>
    public async Task<MemberEvent> WaitAsync(Func<MemberEvent, bool> wanted, int from, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            Task news;
            lock (_events)
            {
                if (_events.Skip(from).FirstOrDefault(wanted) is { } found)
                {
                    return found;
                }

                news = _news.Task;
            }

            TimeSpan left = s_patience - Stopwatch.GetElapsedTime(start);
            await news.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellation);
        }
    }

    /// <summary>How often something was reported.</summary>
    public int Count(Func<MemberEvent, bool> wanted)
    {
        lock (_events)
        {
            return _events.Count(wanted);
        }
    }

    /// <summary>The newest view; null for none.</summary>
    public MemberEvent? View
    {
        get
        {
            lock (_events)
            {
                return _events.FindLast(static one => one.Name == "view");
            }
        }
    }

    /// <summary>Ends it without a word to anybody.</summary>
    public void Kill() => Signal(9);

    /// <summary>Stops it where it is.</summary>
    public void Pause() => Signal(19);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);

    private void Signal(int signal)
    {
        if (SendSignal(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"The process {_process.Id} is gone.");
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement body = document.RootElement.Clone();
        TaskCompletionSource told;
        lock (_events)
        {
            _events.Add(new MemberEvent(body.GetProperty("event").GetString()!, body.GetProperty("at").GetDouble(), body));
            told = _news;
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        told.SetResult();
    }
}
