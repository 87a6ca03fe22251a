using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Kameo.Actors.EndToEnd.Tests;

/// <summary>A sample that runs as a process, perhaps in a network namespace. Killed when the test ends, if it still runs.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private static readonly string s_clientFolder = BuiltAt("PingClientFolder");
    private static readonly string s_bank = BuiltAt("BankProgram");

    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private readonly ConcurrentQueue<string> _errors = new();

    private SampleProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                _lines.CompleteAdding();
            }
            else
            {
                _lines.Add(line.Data);
            }
        };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
            {
                _errors.Enqueue(line.Data);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>How long anything may take.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    /// <summary>What it wrote to standard error so far.</summary>
    public string Errors => string.Join('\n', _errors);

    /// <summary>Starts the server.</summary>
    public static SampleProcess Server(string? networkNamespace, params string[] arguments) => Start(networkNamespace, Path.Combine(s_clientFolder, "server", "PingServer.dll"), arguments);

    /// <summary>Starts the client.</summary>
    public static SampleProcess Client(string? networkNamespace, params string[] arguments) => Start(networkNamespace, Path.Combine(s_clientFolder, "PingClient.dll"), arguments);

    /// <summary>Starts the bank.</summary>
    public static SampleProcess Bank(params string[] arguments) => Start(null, s_bank, arguments);

    /// <summary>All lines of standard output from here on, to its end.</summary>
    public IReadOnlyList<string> ReadToEnd()
    {
        var lines = new List<string>();
        while (_lines.TryTake(out string? line, Deadline))
        {
            lines.Add(line);
        }

        Assert.True(_lines.IsCompleted, $"no line within {Deadline}, after {string.Join('\n', lines)}; standard error: {Errors}");
        return lines;
    }

    /// <summary>The next line of standard output.</summary>
    public string ReadLine()
    {
        Assert.True(_lines.TryTake(out string? line, Deadline), $"no line within {Deadline}; standard error: {Errors}");
        return line;
    }

    /// <summary>The next line, a JSON object.</summary>
    public JsonElement ReadJson()
    {
        using JsonDocument document = JsonDocument.Parse(ReadLine());
        return document.RootElement.Clone();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync()
    {
        using var timeout = new CancellationTokenSource(Deadline);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    /// <summary>Asks it to end, as Ctrl-C does.</summary>
    public void Interrupt() => Signal(2);

    /// <summary>Stops it where it is: it does not notice.</summary>
    public void Pause() => Signal(19);

    /// <summary>Lets it go on.</summary>
    public void Continue() => Signal(18);

    /// <summary>Ends it at once, without a word to anybody.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static string BuiltAt(string key) => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory,
        typeof(SampleProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == key).Value!));

    private static SampleProcess Start(string? networkNamespace, string program, string[] arguments)
    {
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        string[] command = networkNamespace is null ? [dotnet, program, .. arguments] : ["ip", "netns", "exec", networkNamespace, dotnet, program, .. arguments];
        return new SampleProcess(Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);

    private void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));
}
