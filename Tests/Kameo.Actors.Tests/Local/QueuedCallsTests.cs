using Kameo.Actors.Activations;

namespace Kameo.Actors.Tests.Local;

/// <summary>What senders read of a mailbox: how many calls are in it.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class QueuedCallsTests
{
    private const int Readers = 8;

    [Fact]
    public async Task No_reader_sees_more_than_there_are_however_long_it_loses_its_core_between_two_reads()
    {
        var mailbox = new Mailbox();
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        long[] seen = await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => Task.Factory.StartNew(() => mailbox.ReadMost(over.Token), default, TaskCreationOptions.LongRunning, TaskScheduler.Default))
            .Append(Task.Factory.StartNew(() => mailbox.PassOneByOne(over.Token), default, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.InRange(seen[..Readers].Max(), 0, 1);
        Assert.InRange(seen[Readers], 1_000, long.MaxValue);
    }

    private sealed class Mailbox
    {
        private Intake _intake = new(capacity: 4, takesTells: true);

        public long ReadMost(CancellationToken over)
        {
            long most = 0;
            while (!over.IsCancellationRequested)
            {
                long queued = _intake.QueuedCalls;
                most = queued < 0 ? long.MinValue : Math.Max(most, queued);
                if (most is < 0 or > 1)
                {
                    return most;
                }
            }

            return most;
        }

        public long PassOneByOne(CancellationToken over)
        {
            TurnItem item = TurnItem.RentPost(null, static _ => { }, null);
            long passed = 0;
            while (!over.IsCancellationRequested)
            {
                Assert.True(_intake.TryPush(item, out _));
                Assert.Same(item, _intake.TakeCalls(out _));
                _intake.Publish(++passed);
            }

            return passed;
        }
    }
}
