import { testEveryBit } from "./every-bit.ts";

testEveryBit("TLSv1.3");
