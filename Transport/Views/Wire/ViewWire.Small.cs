using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views.Wire;

/// <summary>The bodies of detection, joining and re-forming.</summary>
internal static partial class ViewWire
{
    private static void WriteSmallBody(ref MessagePackWriter writer, ViewMessage message)
    {
        switch (message)
        {
            case Ping:
                Head(ref writer, ViewMessageKind.Ping, 0);
                break;
            case Pong:
                Head(ref writer, ViewMessageKind.Pong, 0);
                break;
            case Evicted:
                Head(ref writer, ViewMessageKind.Evicted, 0);
                break;
            case Accusation accusation:
                Head(ref writer, ViewMessageKind.Accusation, 2);
                Write(ref writer, accusation.Accuser);
                break;
            case ProbeRequest request:
                Head(ref writer, ViewMessageKind.ProbeRequest, 2);
                Write(ref writer, request.Subject);
                break;
            case ProbeReply reply:
                Head(ref writer, ViewMessageKind.ProbeReply, 4);
                Write(ref writer, reply.Subject);
                writer.Write(reply.IsHeard);
                writer.Write(reply.Silence.Ticks);
                break;
            case Verdict verdict:
                Head(ref writer, ViewMessageKind.Verdict, 5);
                Write(ref writer, verdict.Accuser);
                Write(ref writer, verdict.Subject);
                writer.Write((byte)verdict.Cause);
                break;
            case Seek seek:
                Head(ref writer, ViewMessageKind.Seek, 1);
                writer.Write(seek.Members);
                break;
            case SeekReply reply:
                Head(ref writer, ViewMessageKind.SeekReply, 2);
                writer.Write(reply.Members);
                Write(ref writer, reply.Addresses);
                break;
            case Join join:
                Head(ref writer, ViewMessageKind.Join, 1);
                Write(ref writer, join.Newcomer);
                break;
            case JoinRefused refused:
                Head(ref writer, ViewMessageKind.JoinRefused, 3);
                Write(ref writer, refused.Newcomer);
                writer.Write((byte)refused.Reason);
                break;
            case Leave leave:
                Head(ref writer, ViewMessageKind.Leave, 2);
                Write(ref writer, leave.Member);
                break;
            case Dissolve dissolve:
                Head(ref writer, ViewMessageKind.Dissolve, 3);
                Write(ref writer, dissolve.Into);
                Write(ref writer, dissolve.Addresses);
                break;
            case ReformAsk ask:
                Head(ref writer, ViewMessageKind.ReformAsk, 3);
                Write(ref writer, ask.Halted);
                writer.Write(ask.KnownEpoch);
                break;
            case ReformAnswer answer:
                Head(ref writer, ViewMessageKind.ReformAnswer, 4);
                Write(ref writer, answer.Halted);
                writer.Write(answer.MayReform);
                writer.Write(answer.IsOut);
                break;
            case Abandon abandon:
                Head(ref writer, ViewMessageKind.Abandon, 4);
                Write(ref writer, abandon.Halted);
                writer.Write(abandon.KnownEpoch);
                writer.Write(abandon.IsOrder);
                break;
            default:
                throw new InvariantException($"{message.GetType().Name} has a form on the wire");
        }
    }

    private static ViewMessage? ReadSmallBody(ref MessagePackReader reader, ViewMessageKind kind, int count)
    {
        switch (kind)
        {
            case ViewMessageKind.Ping:
                return Ping.Instance;
            case ViewMessageKind.Pong:
                return Pong.Instance;
            case ViewMessageKind.Evicted:
                return Evicted.Instance;
            case ViewMessageKind.Accusation:
                Need(count, 2);
                return new Accusation(ReadMemberId(ref reader));
            case ViewMessageKind.ProbeRequest:
                Need(count, 2);
                return new ProbeRequest(ReadMemberId(ref reader));
            case ViewMessageKind.ProbeReply:
                Need(count, 4);
                return new ProbeReply(ReadMemberId(ref reader), reader.ReadBoolean(), new TimeSpan(ReadCount(ref reader)));
            case ViewMessageKind.Verdict:
                Need(count, 5);
                return new Verdict(ReadMemberId(ref reader), ReadMemberId(ref reader), ReadCause(ref reader));
            case ViewMessageKind.Seek:
                Need(count, 1);
                return new Seek(ReadSmallCount(ref reader));
            case ViewMessageKind.SeekReply:
                Need(count, 2);
                return new SeekReply(ReadSmallCount(ref reader), ReadTexts(ref reader));
            case ViewMessageKind.Join:
                Need(count, 1);
                return new Join(ReadMember(ref reader));
            case ViewMessageKind.JoinRefused:
                Need(count, 3);
                MemberId newcomer = ReadMemberId(ref reader);
                var reason = (JoinRefusal)reader.ReadByte();
                Require(Enum.IsDefined(reason), "a refusal has a reason");
                return new JoinRefused(newcomer, reason);
            case ViewMessageKind.Leave:
                Need(count, 2);
                return new Leave(ReadMemberId(ref reader));
            case ViewMessageKind.Dissolve:
                Need(count, 3);
                return new Dissolve(ReadCluster(ref reader), ReadTexts(ref reader));
            case ViewMessageKind.ReformAsk:
                Need(count, 3);
                return new ReformAsk(ReadCluster(ref reader), ReadCount(ref reader));
            case ViewMessageKind.ReformAnswer:
                Need(count, 4);
                return new ReformAnswer(ReadCluster(ref reader), reader.ReadBoolean(), reader.ReadBoolean());
            case ViewMessageKind.Abandon:
                Need(count, 4);
                return new Abandon(ReadCluster(ref reader), ReadCount(ref reader), reader.ReadBoolean());
            default:
                return null;
        }
    }
}
