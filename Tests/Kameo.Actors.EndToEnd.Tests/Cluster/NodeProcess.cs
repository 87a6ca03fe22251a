using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>One node of a cluster as a process, perhaps on a host of its own. What it reports is kept with the times it states. Killed when disposed, also while it is stopped.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly string s_program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory,
        typeof(NodeProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "ClusterNodeProgram").Value!));

    private readonly Process _process;
    private readonly List<NodeEvent> _events = [];
    private readonly List<string> _errors = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _processId;
    private bool _hasEnded;

    private NodeProcess(Process process)
    {
        _process = process;
        _processId = process.Id;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_events)
            {
                _errors.Add(line.Data ?? string.Empty);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>How long anything may take: many times of what it takes on a machine with nothing else to do.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Its id; once it is ready.</summary>
    public string Id { get; private set; } = string.Empty;

    /// <summary>The id of its process.</summary>
    public int ProcessId => _processId;

    /// <summary>Whether its process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Its port; once it is ready.</summary>
    public int Port { get; private set; }

    /// <summary>Where it is reached on loopback.</summary>
    public string Loopback => $"127.0.0.1:{Port}";

    /// <summary>What it wrote to standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_events)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>Starts a node and waits until it listens.</summary>
    public static Task<NodeProcess> StartAsync(params string[] arguments) => StartAsync(null, arguments);

    /// <summary>Starts a node on a host and waits until it listens.</summary>
    public static async Task<NodeProcess> StartAsync(string? host, string[] arguments)
    {
        NodeProcess node = Launch(host, arguments);
        await node.ReadyAsync();
        return node;
    }

    /// <summary>Starts a node.</summary>
    public static NodeProcess Launch(string? host, params string[] arguments)
    {
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        string[] command = host is null ? [dotnet, s_program, .. arguments] : ["ip", "netns", "exec", host, dotnet, s_program, .. arguments];
        return new NodeProcess(Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_TieredPGO"] = "0" }, // Less to compile at the start.
        })!);
    }

    /// <summary>Waits until it listens.</summary>
    public async Task ReadyAsync()
    {
        NodeEvent ready = await WaitAsync(static one => one.Name == "ready", "a node that is ready");
        Id = ready.Text("id");
        Port = ready.Body.GetProperty("port").GetInt32();
        _processId = ready.Body.GetProperty("process").GetInt32();
    }

    /// <summary>Everything that it reported so far.</summary>
    public NodeEvent[] Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>The newest view of its present life; null for none.</summary>
    public NodeEvent? View => Events.LastOrDefault(static one => one.Name is "view" or "life") is { Name: "view" } view ? view : null;

    /// <summary>Whether it said last that it serves; false before <c>serving</c> was sent.</summary>
    public bool Serves => Events.LastOrDefault(static one => one.Name == "serving")?.Flag("serves") ?? false;

    /// <summary>Waits until it has written something to standard error.</summary>
    /// <param name="text">What.</param>
    /// <param name="since">How much of it was there before, and does not count.</param>
    public async Task WaitForErrorAsync(string text, int since = 0)
    {
        long start = Stopwatch.GetTimestamp();
        while (!Errors[since..].Contains(text, StringComparison.Ordinal))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Deadline, $"{this}: no '{text}' in: {Errors}");
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    /// <summary>Sends a command.</summary>
    public void Send(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    /// <summary>Sends a command and waits for the event that answers it.</summary>
    public async Task<NodeEvent> AskAsync(string command, string answer = "done")
    {
        int before = Events.Length;
        Send(command);
        NodeEvent answered = await WaitAsync(one => one.Name == answer || one.Name == "error", $"'{answer}' after '{command}'", before);
        Assert.True(answered.Name == answer, $"'{command}' was answered with {answered.Body}");
        return answered;
    }

    /// <summary>What it knows of its cluster.</summary>
    public async Task<JsonElement> StatusAsync() => (await AskAsync("status", "status")).Body;

    /// <summary>Waits until its status is as wanted.</summary>
    public async Task<JsonElement> WaitForStatusAsync(Func<JsonElement, bool> wanted)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            JsonElement status = await StatusAsync();
            if (wanted(status))
            {
                return status;
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < Deadline, $"{this}: its status is still {status}\n{Errors}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Waits for an event, past or to come.</summary>
    public async Task<NodeEvent> WaitAsync(Func<NodeEvent, bool> wanted, string what, int from = 0)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            Task news;
            lock (_events)
            {
                NodeEvent? found = _events.Skip(from).FirstOrDefault(wanted);
                if (found is not null)
                {
                    return found;
                }

                Assert.False(_hasEnded, $"{this} ended while waiting for {what}; {Tail()}");
                news = _news.Task;
            }

            TimeSpan left = Deadline - Stopwatch.GetElapsedTime(start);
            Assert.True(left > TimeSpan.Zero, $"{this}: waited {Deadline.TotalSeconds} s for {what}; {Tail()}");
            await Task.WhenAny(news, Task.Delay(left));
        }
    }

    /// <summary>Waits for an event at or after a moment.</summary>
    public Task<NodeEvent> WaitSinceAsync(double at, Func<NodeEvent, bool> wanted, string what) => WaitAsync(one => one.At >= at && wanted(one), what);

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync()
    {
        using var timeout = new CancellationTokenSource(Deadline);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    /// <summary>Leaves in good order.</summary>
    public async Task LeaveAsync()
    {
        Send("leave");
        Assert.Equal(0, await ExitAsync());
    }

    /// <summary>SIGSTOP: it does not notice.</summary>
    public void Pause() => Signal(19);

    /// <summary>SIGCONT.</summary>
    public void Continue() => Signal(18);

    /// <summary>SIGKILL.</summary>
    /// <returns>When.</returns>
    public double Kill()
    {
        double at = SharedClock.Now;
        Signal(9);
        return at;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await ExitAsync();
        }

        _process.Dispose();
    }

    public override string ToString() => Id.Length == 0 ? $"process {_processId}" : Id[..10];

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int process, int signal);

    private void Signal(int signal) => Assert.Equal(0, SendSignal(_processId, signal));

    private void Take(string? line)
    {
        TaskCompletionSource told;
        lock (_events)
        {
            if (line is null)
            {
                _hasEnded = true;
            }
            else
            {
                using JsonDocument document = JsonDocument.Parse(line);
                _events.Add(new NodeEvent(document.RootElement.Clone()));
            }

            told = _news;
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        told.SetResult();
    }

    private string Tail() => string.Create(CultureInfo.InvariantCulture, $"it said last: {string.Join('\n', _events.TakeLast(8).Select(static one => one.Body))}\nand on standard error: {string.Join('\n', _errors.TakeLast(20))}");
}
