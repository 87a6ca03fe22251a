using System.Runtime.CompilerServices;
using Kameo.Actors.Placement;
using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Tests.Membership;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>Flushes that wait behind requests which a full window holds back: however often one is asked for, there is one.</summary>
public sealed class WaitingFlushTests
{
    private static readonly TimeSpan s_deadline = RealCluster.Deadline;

    [Fact]
    public async Task A_flush_that_is_asked_again_takes_the_place_of_the_one_that_waits()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(2, static options => options.Limits = new TransportLimits { WindowBytes = 256 * 1024 });
        await cluster.SettleAsync();
        (ActorNode from, ActorNode to) = (cluster.Members[0], cluster.Members[1]);
        (string key, ActorId id) = await HoldAsync(from, to);
        Connection connection = from.Transport.FindPeer(to.Id)!.Connection!;
        var line = (SlotLine)connection.LayerState!;
        var tells = new List<Task>();
        while (connection.WaitingCount == 0)
        {
            Assert.True(tells.Count < 1_000, "the window is never full");
            tells.Add(from.Get<IHeld>(key).Tell().Keep(new byte[10_000]).AsTask());
        }

        SlotGate gate = from.Slots!;
        int slot = SlotHash.SlotOf(id);
        string[] types = [id.ClassName];
        string[] others = ["another"];
        (MemberId self, MemberId third) = (from.EntryLife!.Self, new MemberId(to.Id, new Incarnation(99)));
        Flush[] asked = [Flush(types, self, 1), Flush(types, self, 2), Flush(others, self, 3), Flush(types, third, 4), Flush(types, self, HandoffCore.LeaveTokens + 1), Flush(types, self, HandoffCore.LeaveTokens + 2), Flush(types, self, 5)];
        lock (LockOf(gate))
        {
            foreach (Flush flush in asked)
            {
                SendNow(gate, line, flush);
            }

            long[] waiting = [.. FlushesOf(gate).Select(static one => ((Flush)one.Message).Token)];
            FlushesOf(gate).Clear(); // Nobody asked for them.

            // The last of a slot, for a way that is flushed whole; each of those that end a way of their own.
            Assert.Equal([5, 3, 4, HandoffCore.LeaveTokens + 1, HandoffCore.LeaveTokens + 2], waiting);
        }

        ProbeGates.Of(key).Open.SetResult();
        await Task.WhenAll(tells).WaitAsync(s_deadline);

        Flush Flush(string[] of, MemberId origin, long token) => new(gate.Epoch, of, slot, origin, token, HandoffLimits.MessageHopsMax);
    }

    /// <summary>An actor of another node, which is in a turn.</summary>
    private static async Task<(string Key, ActorId Id)> HoldAsync(ActorNode from, ActorNode at)
    {
        string world = Guid.NewGuid().ToString("n");
        for (int number = 0; ; number++)
        {
            string key = $"{world}flush{number}";
            if (await from.Get<IHeld>(key).Node().AsTask().WaitAsync(s_deadline) == at.Id.ToString())
            {
                _ = from.Get<IHeld>(key).Wait(key).AsTask();
                await ProbeGates.Of(key).Entered.Task.WaitAsync(s_deadline);
                return (key, new ActorId(typeof(HeldActor).FullName!, ActorKey.Of(key)));
            }
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern void SendNow(SlotGate gate, SlotLine line, HandoffMessage message);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lock")]
    private static extern ref Lock LockOf(SlotGate gate);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_flushes")]
    private static extern ref List<(SlotLine Line, HandoffMessage Message, int Slot)> FlushesOf(SlotGate gate);
}
