using System.CommandLine;
using Kameo.Actors.Benchmarks.Contenders;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Commands;

/// <summary>The hidden subcommands by which the program starts the two processes of a stack.</summary>
internal static class PartCommands
{
    private static readonly Argument<string> s_stack = new("stack");
    private static readonly Argument<int> s_port = new("port");
    private static readonly Option<TransportLoop> s_loop = SettingsOptions.CreateLoop();

    public static Command CreateServe()
    {
        var command = new Command("serve", "The server's process.") { s_stack, s_loop };
        command.Hidden = true;
        command.SetAction(static async (parsed, _) =>
        {
            await using IServerPart server = await StackOf(parsed).ListenAsync(parsed.GetValue(s_loop));
            await Parts.ServeAsync(server);
        });
        return command;
    }

    public static Command CreateCall()
    {
        var command = new Command("call", "The client's process.") { s_stack, s_port, s_loop };
        command.Hidden = true;
        command.SetAction(static async (parsed, _) =>
        {
            await using IClientPart client = await StackOf(parsed).ConnectAsync(parsed.GetValue(s_port), parsed.GetValue(s_loop));
            await Parts.CallAsync(client);
        });
        return command;
    }

    private static ManagedStack StackOf(ParseResult parsed) =>
        Stacks.Find(parsed.GetValue(s_stack)!) ?? throw new InvalidOperationException($"There is no stack '{parsed.GetValue(s_stack)}'.");
}
