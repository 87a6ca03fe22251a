using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>What is sent inside a batch goes out together, and yet is not held by what blocks in it.</summary>
public sealed class SendBatchTests
{
    [Fact]
    public async Task A_thread_that_blocks_inside_a_batch_on_what_it_sent_is_answered()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        using NameRegistration echo = nodes.Server.Register("echo", static _ => default);
        RemoteName name = await nodes.FindAsync("echo");
        var answered = new TaskCompletionSource<bool>();
        new Thread(() =>
        {
            SendBatch.Begin();
            try
            {
                Task<NameReply> ask = name.AskAsync(default).AsTask();

                // Shorter than the ping interval, whose ping would take the frame along.
                answered.SetResult(((IAsyncResult)ask).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(3)));
            }
            finally
            {
                SendBatch.End();
            }
        }).Start();
        Assert.True(await answered.Task.WaitAsync(TwoNodes.Deadline), "the batch held back what the thread waits for");
    }
}
